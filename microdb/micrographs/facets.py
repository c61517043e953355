"""What a gallery shows: filters read from its address, their counts, and the order."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import ClassVar, Self
from urllib.parse import urlencode

from django.db.models import Count, F, OrderBy, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.models import NONE_OF_THESE, Dataset, Micrograph, MicrographQuerySet, Split

UNLABELLED = "unlabelled"
NEITHER = "neither"
FACET_LIMIT = 200
"""A facet lists at most this many values, the commonest first; the address still takes any value."""

SORTS = {
    "oldest": _("first added"),
    "newest": _("last added"),
    "filename": _("filename"),
    "scale": _("scale, coarse to fine"),
}
_ORDERS: dict[str, list[OrderBy]] = {
    "oldest": [F("created_at").asc(), F("id").asc()],
    "newest": [F("created_at").desc(), F("id").desc()],
    "filename": [F("filename").asc(), F("id").asc()],
    "scale": [F("pixels_per_micrometre").asc(nulls_first=True), F("created_at").asc(), F("id").asc()],
}


@dataclass(frozen=True)
class GalleryFilter:
    """The filters and the order of a gallery; the field names are the names in its address."""

    label: str = ""
    split: str = ""
    specimen: str = ""
    modality: str = ""
    missing_scale: str = ""
    state: str = ""
    search: str = ""
    sort: str = "oldest"

    NOT_FILTERS: ClassVar[set[str]] = {"sort"}

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """Read an address; what it does not know is ignored, and NUL, which Postgres refuses, is dropped."""
        given = {field.name: query.get(field.name, "").replace("\x00", "").strip() for field in fields(cls)}
        if given["sort"] not in SORTS:
            given["sort"] = "oldest"
        return cls(**given)

    @property
    def active(self) -> bool:
        """Whether anything is filtered."""
        return any(value for name, value in self._items() if name not in self.NOT_FILTERS)

    @property
    def facet_items(self) -> list[tuple[str, str]]:
        """What a form that changes only search and order has to carry along."""
        return [(name, value) for name, value in self._items() if value and name not in ("search", "sort")]

    def query(self, **changes: str) -> str:
        """The address part of this filter with some changes, without what is at its default."""
        changed = replace(self, **changes)
        return urlencode({name: value for name, value in changed._items() if value and (name, value) != _DEFAULT_SORT})

    def apply(self, micrographs: MicrographQuerySet, *, but: str = "") -> MicrographQuerySet:
        """Narrow ``micrographs``, leaving out the filter named by ``but``."""
        for name, value in self._items():
            if value and name != but and name not in self.NOT_FILTERS:
                micrographs = micrographs.filter(_condition(name, value))
        return micrographs

    def order(self) -> list[OrderBy]:
        """The expressions that put a gallery in this order, ending in one that is unique."""
        return _ORDERS[self.sort]

    def _items(self) -> Iterator[tuple[str, str]]:
        return ((field.name, getattr(self, field.name)) for field in fields(self))


_DEFAULT_SORT = ("sort", "oldest")


def _condition(name: str, value: str) -> Q:
    if name == "label":
        special = {UNLABELLED: Q(material_class=None, none_of_these=False), NONE_OF_THESE: Q(none_of_these=True)}
        return special.get(value, Q(material_class__name=value))
    if name == "missing_scale":
        return Q(pixels_per_micrometre=None, dataset__scale_free=False)
    if name == "split":
        return Q(split=Split.NEITHER if value == NEITHER else value)
    if name == "search":
        return Q(filename__icontains=value)
    return Q(**{name: value})


@dataclass(frozen=True)
class Option:
    """One value of a facet, how many micrographs it would show, and the address that shows them."""

    text: str
    count: int
    query: str
    selected: bool
    position: int | None = None
    marked: bool = False


@dataclass(frozen=True)
class Facet:
    """A filter with its values and counts, each count under all the other filters."""

    name: str
    title: str
    options: list[Option]

    @property
    def selected(self) -> bool:
        return any(option.selected for option in self.options)


def facets_of(dataset: Dataset, chosen: GalleryFilter) -> list[Facet]:
    """The facets of a dataset's gallery, in a fixed number of queries."""
    kept = Micrograph.objects.kept().filter(dataset=dataset)
    return [
        _label_facet(dataset, chosen, kept),
        *(_plain_facet(name, str(title), chosen, kept) for name, title in _PLAIN_FACETS),
        _scale_facet(chosen, kept),
    ]


_PLAIN_FACETS = [
    ("split", _("Split")),
    ("modality", _("Modality")),
    ("specimen", _("Specimen")),
    ("state", _("State")),
]


def _option(chosen: GalleryFilter, name: str, value: str, text: str, count: int, **marks) -> Option:
    selected = getattr(chosen, name) == value
    query = chosen.query(**{name: "" if selected else value})
    return Option(text=text, count=count, query=query, selected=selected, **marks)


def _label_facet(dataset: Dataset, chosen: GalleryFilter, kept: MicrographQuerySet) -> Facet:
    rows = chosen.apply(kept, but="label").order_by().values_list("material_class", "none_of_these")
    counts = {(pk, none): count for pk, none, count in rows.annotate(count=Count("pk"))}
    options = [
        _option(chosen, "label", c.name, c.name, counts.get((c.pk, False), 0), position=c.position, marked=True)
        for c in dataset.material_classes.order_by("position")
    ]
    none_of_these, unlabelled = counts.get((None, True), 0), counts.get((None, False), 0)
    options.append(_option(chosen, "label", NONE_OF_THESE, str(_("none of these")), none_of_these, marked=True))
    options.append(_option(chosen, "label", UNLABELLED, str(_("unlabelled")), unlabelled))
    return Facet("label", str(_("Class")), options)


def _plain_facet(name: str, title: str, chosen: GalleryFilter, kept: MicrographQuerySet) -> Facet:
    rows: QuerySet = chosen.apply(kept, but=name).order_by().values_list(name)
    options = []
    for value, count in rows.annotate(count=Count("pk")).order_by("-count", name)[:FACET_LIMIT]:
        if name == "split" and not value:
            options.append(_option(chosen, name, NEITHER, str(_("neither")), count))
        elif value:
            options.append(_option(chosen, name, value, value, count))
    if name == "state" and not any(option.selected or option.text != Micrograph.State.READY for option in options):
        options = []  # everything is ready: nothing to choose from
    return Facet(name, title, options)


def _scale_facet(chosen: GalleryFilter, kept: MicrographQuerySet) -> Facet:
    count = chosen.apply(kept, but="missing_scale").filter(_condition("missing_scale", "1")).count()
    options = [_option(chosen, "missing_scale", "1", str(_("missing")), count)] if count or chosen.missing_scale else []
    return Facet("missing_scale", str(_("Scale")), options)
