"""The specimens of a dataset with their numbers of micrographs, and the values to filter them by."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol, overload

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.gallery.cached_counts import cached_with_lag
from microdb.micrographs.gallery.facets import FACET_LIMIT, Facet, Option
from microdb.micrographs.gallery.filter import GalleryFilter
from microdb.micrographs.gallery.specimen_filter import (
    Choices,
    SpecimenFilter,
    amounts,
    conditions,
    coolings,
    heat_numbers,
    materials,
    temperatures,
)
from microdb.micrographs.models import Dataset, Specimen

FACETS: dict[str, tuple[Any, tuple[str, ...], Callable[[Specimen], Choices]]] = {
    "condition": (
        _("Condition"),
        ("material", "element", "percent_min", "percent_max", "temperature", "cooling"),
        conditions,
    ),
    "material": (_("Material"), ("material",), materials),
    "composition": (_("Composition"), ("element", "percent_min", "percent_max"), amounts),
    "temperature": (_("Temperature"), ("temperature",), temperatures),
    "cooling": (_("Cooling"), ("cooling",), coolings),
    "heat_number": (_("Heat number"), ("heat_number",), heat_numbers),
}
"""Title, the filters that it sets, and what it offers for a specimen."""


@dataclass(frozen=True)
class SpecimenEntry:
    """A specimen that micrographs name or that has a record; the record is unsaved where there is none."""

    specimen: Specimen
    micrographs: int


class Filters(Protocol):
    """The filters of a page: of the gallery or of the list of specimens."""

    def query(self, **changes: str) -> str: ...


class SpecimenEntries(Sequence[SpecimenEntry]):
    """Specimens by name and number of micrographs; only the records of those that are looked at are read."""

    def __init__(self, dataset: Dataset, counts: list[tuple[str, int]]) -> None:
        self._dataset, self._counts = dataset, counts

    def __len__(self) -> int:
        return len(self._counts)

    @overload
    def __getitem__(self, at: int) -> SpecimenEntry: ...
    @overload
    def __getitem__(self, at: slice) -> list[SpecimenEntry]: ...
    def __getitem__(self, at: int | slice) -> SpecimenEntry | list[SpecimenEntry]:
        if isinstance(at, int):
            return self[at : at + 1 or None][0]
        counts = self._counts[at]
        named = self._dataset.specimens.filter(name__in=[name for name, _count in counts])
        records = {one.name: one for one in named}
        return [
            SpecimenEntry(records.get(name) or Specimen(dataset=self._dataset, name=name), count)
            for name, count in counts
        ]

    def __iter__(self) -> Iterator[SpecimenEntry]:
        return iter(self[:])

    @property
    def micrographs(self) -> int:
        return sum(count for _name, count in self._counts)


def specimen_entries(dataset: Dataset, wanted: SpecimenFilter | None = None) -> SpecimenEntries:
    """Those that match, in the order of their names, numbers counted as numbers; ordered anew after a change."""
    chosen = wanted or SpecimenFilter()
    return SpecimenEntries(
        dataset, cached_with_lag(dataset, f"specimens {chosen.query()}", lambda: _counts(dataset, chosen))
    )


def _counts(dataset: Dataset, chosen: SpecimenFilter) -> list[tuple[str, int]]:
    counts = _micrographs(dataset)
    records = {one.name: one for one in dataset.specimens.all()}
    names = sorted({*counts, *(name for name, one in records.items() if not one.is_blank)}, key=_natural)
    return [
        (name, counts.get(name, 0))
        for name in names
        if not chosen.active or chosen.matches(records.get(name) or Specimen(dataset=dataset, name=name))
    ]


def specimen_entry(dataset: Dataset, name: str) -> SpecimenEntry | None:
    """The specimen of this name; None where neither a micrograph nor a record has it."""
    if not name or "\x00" in name:  # Postgres takes no NUL
        return None
    named = dataset.shown().filter(specimen=name)
    record = dataset.specimens.filter(name=name).first()
    if (record is None or record.is_blank) and not named.exists():
        return None
    return SpecimenEntry(record or Specimen(dataset=dataset, name=name), named.kept().count())


def facets_of_list(dataset: Dataset, chosen: SpecimenFilter) -> list[Facet]:
    """The facets of the list of specimens; counts are of specimens. They are counted anew after a change."""
    return cached_with_lag(dataset, f"facets of specimens {chosen.query()}", lambda: _facets_of_list(dataset, chosen))


def _facets_of_list(dataset: Dataset, chosen: SpecimenFilter) -> list[Facet]:
    specimens = [one for one in dataset.specimens.all() if not one.is_blank]
    by_filter = _by_filter(specimens)
    facets = []
    for name, (_title, sets, _choices) in FACETS.items():
        others = chosen.without(sets)
        counts = {one.name: 1 for one in specimens if others.matches(one)}
        facets.append(_facet(name, by_filter, specimens, counts, chosen, chosen))
    return facets


def facet_of_gallery(name: str, chosen: GalleryFilter) -> Facet:
    """One of ``FACETS`` under the gallery's other filters; counts are of micrographs."""
    _title, sets, _choices = FACETS[name]
    kept = chosen.dataset.shown().kept()
    rows = chosen.apply(kept, but=sets).exclude(specimen="").order_by().values_list("specimen")
    found = rows.annotate(count=Count("*"))
    key = f"specimens {chosen.query(**dict.fromkeys(sets, ''))}"
    counts = dict(chosen.kept_number(key, lambda: list(found)))
    specimens = list(chosen.dataset.specimens.all())
    return _facet(name, _by_filter(specimens), specimens, counts, chosen.specimens, chosen)


def listed_of_specimens(chosen: GalleryFilter) -> list[tuple[str, Any, str]]:
    """Name, title and chosen value of each of ``FACETS``; none where the dataset has no records."""
    if not chosen.dataset.specimens.exists():
        return []
    values = chosen.specimens.texts
    return [(name, title, values.get(name, "")) for name, (title, _sets, _choices) in FACETS.items()]


ByFilter = Mapping[tuple[str, str], Collection[Specimen]]


def _facet(
    name: str,
    by_filter: ByFilter,
    specimens: Iterable[Specimen],
    counts: Mapping[str, int],
    wanted: SpecimenFilter,
    page: Filters,
) -> Facet:
    """The count of a choice is that of the page to which its address leads."""
    title, sets, choices = FACETS[name]
    offered: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
    for one in (one for one in specimens if counts.get(one.name)):
        for text, filters in choices(one):
            offered[text, tuple(filters.items())] += counts[one.name]
    cleared = dict.fromkeys(sets, "")
    options = []
    for (text, set_by), _count in offered.most_common(FACET_LIMIT):
        shown = replace(wanted, **(cleared | dict(set_by)))
        selected = shown == wanted
        if total := sum(counts.get(one.name, 0) for one in by_filter[set_by[0]] if shown.matches(one)):
            query = page.query(**(cleared if selected else cleared | dict(set_by)))
            options.append(Option(text, total, query, selected))
    return Facet(name, str(title), sorted(options, key=lambda option: _natural(option.text)))


def _by_filter(specimens: Iterable[Specimen]) -> ByFilter:
    """The specimens by each filter that may come first in a choice, so that not all are tried for each choice."""
    found: dict[tuple[str, str], dict[str, Specimen]] = {}
    for one in specimens:
        for choices in (materials, amounts, temperatures, coolings, heat_numbers):
            for _text, filters in choices(one):
                found.setdefault(next(iter(filters.items())), {})[one.name] = one
    return {key: some.values() for key, some in found.items()}


def _micrographs(dataset: Dataset) -> dict[str, int]:
    """How many micrographs name each specimen."""
    kept = dataset.shown().kept().exclude(specimen="").order_by().values_list("specimen")
    counts = kept.annotate(count=Count("*"))
    return dict(cached_with_lag(dataset, "micrographs of specimens", lambda: list(counts)))


@lru_cache(maxsize=20_000)
def _natural(text: str) -> tuple[tuple[int, float, str], ...]:
    """Sorts S2 before S10, and 5 °C before 10 °C."""
    parts = re.split(r"(\d+(?:\.\d+)?)", text.casefold())
    return tuple((0, float(part), "") if number % 2 else (1, 0.0, part) for number, part in enumerate(parts))
