"""Numbered pages of a long list."""

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


class LongPaginator(Paginator):  # type: ignore[type-arg] # it takes no argument at run time
    """Pages of a list whose rows somebody else has counted.

    The keys of a page are found first, which an index does alone, and from the end of the list that is nearer; only
    then its rows are read with all that belongs to them. ``keys`` is the list in its order, ``rows`` what to read.
    """

    def __init__(self, keys: QuerySet[Any], per_page: int, *, rows: QuerySet[Any], count: int) -> None:
        super().__init__(keys, per_page)
        self._keys, self._rows, self._count = keys.values_list("pk", flat=True), rows, count

    @cached_property
    def count(self) -> int:
        return self._count

    def page(self, number: int | str) -> "Page[Any]":
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        keys = self._between(bottom, min(bottom + self.per_page, self.count))
        found = {row.pk: row for row in self._rows.filter(pk__in=keys)}
        return Page([found[key] for key in keys if key in found], number, self)

    def _between(self, bottom: int, top: int) -> list[Any]:
        if bottom <= self.count - top:
            return list(self._keys[bottom:top])
        return list(self._keys.reverse()[self.count - top : self.count - bottom])[::-1]
