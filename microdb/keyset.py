"""Pages of a list by the place of their first or last row in its order, instead of by number.

A page by number reads and drops all rows before it, and moves when rows are added. This one starts at its place in an
index, and its neighbours are complete whatever was added meanwhile.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import F, Model, OrderBy, Q, QuerySet

RowT = TypeVar("RowT", bound=Model)
Place = tuple[Any, Any]
"""The values of the column and of the primary key."""
BETWEEN = "~"


@dataclass(frozen=True)
class KeysetPage(Generic[RowT]):
    """Some rows, and the places from which the pages beside them start; empty where there is none."""

    object_list: list[RowT]
    before: str = ""
    after: str = ""

    def __iter__(self) -> Iterator[RowT]:
        return iter(self.object_list)

    def __len__(self) -> int:
        return len(self.object_list)


@dataclass(frozen=True)
class Keyset:
    """An order by ``column``, which has no nulls, and by the primary key upwards."""

    column: str
    read: Callable[[str], Any]
    """Reads a value of the column as an address holds it."""
    downwards: bool = False
    read_key: Callable[[str], Any] = UUID

    def page(self, rows: QuerySet[RowT], query: Mapping[str, str], size: int) -> KeysetPage[RowT]:
        """The rows after ``?after=`` or before ``?before=``; the first ones without either, or where it is no place.

        Where nothing is left after a place, they are the last rows.
        """
        after, before = self._place(query.get("after", "")), self._place(query.get("before", ""))
        if after and (page := self._forwards(self.beyond(rows, after), size)).object_list:
            return replace(page, before=self.text_of(page.object_list[0]))
        if before and (page := self._backwards(self.beyond(rows, before, backwards=True), size)).object_list:
            return replace(page, after=self.text_of(page.object_list[-1]))
        return self._backwards(rows, size) if after else self._forwards(rows, size)

    def _forwards(self, rows: QuerySet[RowT], size: int) -> KeysetPage[RowT]:
        found = self._read(rows, self.ordered(rows), size + 1)
        return KeysetPage(found[:size], after=self.text_of(found[size - 1]) if len(found) > size else "")

    def _backwards(self, rows: QuerySet[RowT], size: int) -> KeysetPage[RowT]:
        found = self._read(rows, self.ordered(rows, backwards=True), size + 1)
        return KeysetPage(found[:size][::-1], before=self.text_of(found[size - 1]) if len(found) > size else "")

    def _read(self, rows: QuerySet[RowT], ordered: QuerySet[RowT], most: int) -> list[RowT]:
        """The first rows of an order: their keys first, so that nothing is joined to those that are not shown."""
        keys = list(ordered.values_list("pk", flat=True)[:most])
        found = {row.pk: row for row in rows.filter(pk__in=keys)}
        return [found[key] for key in keys if key in found]

    def ordered(self, rows: QuerySet[RowT], *, backwards: bool = False) -> QuerySet[RowT]:
        """In this order, or in the opposite one."""
        return rows.order_by(
            OrderBy(F(self.column), descending=self.downwards != backwards), OrderBy(F("pk"), descending=backwards)
        )

    def beyond(self, rows: QuerySet[RowT], place: Place, *, backwards: bool = False) -> QuerySet[RowT]:
        """The rows after a place, or before it."""
        value, key = place
        further = "lt" if self.downwards != backwards else "gt"
        tie = Q(**{self.column: value}, **{f"pk__{'lt' if backwards else 'gt'}": key})
        # The first condition follows from the second; an index can start from it.
        return rows.filter(Q(**{f"{self.column}__{further}e": value}), Q(**{f"{self.column}__{further}": value}) | tie)

    def after(self, rows: QuerySet[RowT], text: str) -> QuerySet[RowT]:
        """The rows after the place that a ``text_of`` names, in this order; all where it is no place."""
        place = self._place(text)
        return self.ordered(self.beyond(rows, place) if place else rows)

    def place_of(self, row: RowT) -> Place:
        return getattr(row, self.column), row.pk

    def text_of(self, row: RowT) -> str:
        """The place of a row, as an address holds it."""
        value, key = self.place_of(row)
        shown = value.isoformat() if isinstance(value, datetime) else value if isinstance(value, str) else repr(value)
        return f"{shown}{BETWEEN}{key}"

    def _place(self, text: str) -> Place | None:
        value, _between, key = text.rpartition(BETWEEN)
        try:
            place = self.read(value), self.read_key(key)
        except ValueError:
            return None
        return place


def finite(text: str) -> float:
    """A number that can be compared. Raises ValueError."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def moment(text: str) -> datetime:
    """A time with its zone. Raises ValueError."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError(text)
    return value
