"""Lists of the admin that take the same time whatever the number of rows.

Nothing here counts, sorts or finds more than some thousand rows; the indexes of the models do the rest. See decision
085.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import smart_split, unescape_string_literal
from django.utils.translation import gettext as _

COUNTED_AT_MOST = 10_000
FOUND_AT_MOST = 1_000
"""By a search."""
SHORT = 3
"""Shorter words are looked for at the beginning of a text: the index of its inside holds three letters at a time."""


class AtLeast(int):
    """A count that was stopped, because there are more."""

    def __str__(self) -> str:
        return f"{int(self)}+"


class BoundedPaginator(Paginator):  # type: ignore[type-arg] # generic in the stubs alone
    """Has pages for the first ``most`` rows. The others are found by a filter, or in the reverse order."""

    most = COUNTED_AT_MOST

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        found = rows.order_by()[: self.most + 1].count()
        return AtLeast(self.most) if found > self.most else int(found)


class SearchPaginator(BoundedPaginator):
    most = FOUND_AT_MOST


class IndexedChangeList(ChangeList):
    """Sorts by the columns in ``sortable_by`` alone: empty values first, and rows of equal values by key.

    The descending order is exactly the reverse, so one index serves both.
    """

    def get_ordering_field(self, field_name: Any) -> Any:
        return super().get_ordering_field(field_name) if field_name in (self.sortable_by or ()) else None

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        given = _without_key(super().get_ordering(request, queryset))
        columns = given or _without_key(self.model_admin.get_ordering(request) or self.lookup_opts.ordering or ())
        descends = not columns or str(columns[-1]).startswith("-")
        return [*(self._empty_first(name) for name in columns), "-pk" if descends else "pk"]

    def _empty_first(self, name: Any) -> Any:
        """The order of ``order_index``; related rows keep the order of their own model."""
        column = str(name).removeprefix("-")
        relations = {field.name for field in self.lookup_opts.concrete_fields if field.is_relation}
        if not isinstance(name, str) or column in relations or LOOKUP_SEP in column:
            return name
        # The few rows that a search finds are sorted, rather than looked for in the order of the list
        value = Coalesce(column, column) if self.query else F(column)
        return value.desc(nulls_last=True) if name.startswith("-") else value.asc(nulls_first=True)


class BoundedAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    """The admin of a model with very many rows. ``sortable_by`` names the columns that an index sorts.

    ``search_fields`` name their lookup, such as ``filename__icontains``, and each has an index of its own.
    """

    show_full_result_count = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return IndexedChangeList

    def get_paginator(self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any) -> Any:
        kind = SearchPaginator if request.GET.get(SEARCH_VAR) else BoundedPaginator
        return kind(queryset, per_page, *args, **kwargs)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows with all words of the term, each in any field; not many more than ``FOUND_AT_MOST``.

        Each field is searched by itself for the longest word: alternatives in several tables could use no index.
        """
        fields = [str(lookup) for lookup in self.get_search_fields(request)]
        words = sorted((_unquoted(word) for word in smart_split(search_term)), key=len)
        if not words or not fields:
            return queryset, False
        rows = queryset.order_by()
        for word in words[:-1]:
            rows = rows.filter(Q.create([_condition(field, word) for field in fields], connector=Q.OR))
        found = [
            rows.filter(_condition(field, words[-1])).values_list("pk", flat=True)[: FOUND_AT_MOST + 1]
            for field in fields
        ]
        return queryset.filter(pk__in={pk for keys in found for pk in keys}), False

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Refuse an action on all rows of a list that were not all counted."""
        on_all = "1" in request.POST.getlist("select_across")
        count = self.get_paginator(request, queryset, self.list_per_page).count if on_all else 0
        if not isinstance(count, AtLeast):
            return super().response_action(request, queryset, *args, **kwargs)
        self.message_user(
            request,
            _("There are more than %(most)d rows, too many for one action. Filter the list and do it in parts.")
            % {"most": int(count)},
            messages.ERROR,
        )
        return HttpResponseRedirect(request.get_full_path())


def _without_key(ordering: Iterable[Any]) -> list[Any]:
    return [name for name in ordering if name not in ("pk", "-pk", "id", "-id")]


def _condition(field: str, word: str) -> tuple[str, str]:
    """The word in a field, whose name ends with the lookup."""
    return field.replace("icontains", "istartswith") if len(word) < SHORT else field, word


def _unquoted(word: str) -> str:
    """Without the quotation marks of ``"two words"``."""
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "\"'"
    return str(unescape_string_literal(word)) if quoted else word
