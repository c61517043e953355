"""What a gallery shows: filters and order, read from its address."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time
from typing import Any, ClassVar, Self, TypeVar
from urllib.parse import urlencode

from django.db.models import F, FloatField, OrderBy, Q
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.gallery.among import keys_among
from microdb.micrographs.gallery.cached_counts import cached, cached_with_lag
from microdb.micrographs.gallery.predictions import PredictionFilter, matching
from microdb.micrographs.gallery.specimen_filter import SpecimenFilter, readable
from microdb.micrographs.gallery.warnings import warned
from microdb.micrographs.models import NONE_OF_THESE, UNSURE, Dataset, Micrograph, MicrographQuerySet, Split
from microdb.micrographs.models.micrographs import NO_SCALE

T = TypeVar("T")
UNLABELLED = "unlabelled"
NEITHER = "neither"
NO_SPECIMEN = "-"
"""In an address: those that name no specimen."""

SORTS = {
    "oldest": _("first added"),
    "newest": _("last added"),
    "filename": _("filename"),
    "scale": _("scale, coarse to fine"),
    "specimen": _("specimen"),
}
_KEYS: dict[str, tuple[list[str], bool]] = {
    "oldest": (["created_at", "id"], False),
    "newest": (["created_at", "id"], True),
    "filename": (["filename", "id"], False),
    "scale": (["scale_or_none", "created_at", "id"], False),
    "specimen": (["specimen", "filename", "id"], False),
}
"""The columns of each order, and whether it runs downwards; the last column is unique."""
SIZES = {"": _("medium"), "small": _("small"), "large": _("large")}


@dataclass(frozen=True)
class GalleryFilter:
    """The filters and the order of a dataset's gallery; the field names are the names in its address."""

    dataset: Dataset
    label: str = ""
    split: str = ""
    specimen: str = ""
    material: str = ""
    element: str = ""
    percent_min: str = ""
    percent_max: str = ""
    temperature: str = ""
    cooling: str = ""
    heat_number: str = ""
    about: str = ""
    modality: str = ""
    instrument: str = ""
    detector: str = ""
    kilovolts: str = ""
    magnification: str = ""
    date: str = ""
    missing_scale: str = ""
    state: str = ""
    uploader: str = ""
    predicted: str = ""
    probability_min: str = ""
    probability_max: str = ""
    warning: str = ""
    scale_min: str = ""
    scale_max: str = ""
    since: str = ""
    until: str = ""
    search: str = ""
    among: str = ""
    sort: str = "oldest"
    size: str = ""

    NOT_FILTERS: ClassVar[set[str]] = {"sort", "size"}
    TYPED: ClassVar[set[str]] = {"scale_min", "scale_max", "since", "until", "search"}
    """Those that a person types; the others are chosen from a list."""
    ELSEWHERE: ClassVar[set[str]] = {*NOT_FILTERS, *SpecimenFilter.NAMES, *PredictionFilter.NAMES}
    """Those without a condition of their own."""

    @classmethod
    def from_query(cls, query: QueryDict, dataset: Dataset) -> Self:
        """Read an address; what it does not know is ignored, and NUL, which Postgres refuses, is dropped."""
        names = [field.name for field in fields(cls) if field.name != "dataset"]
        given = {name: query.get(name, "").replace("\x00", "").strip() for name in names}
        given |= SpecimenFilter.from_query(query).values | PredictionFilter.from_query(query).values
        numbers = ("scale_min", "scale_max", "kilovolts", "magnification")
        for name, read in (*((name, float) for name in numbers), ("since", _day), ("until", _day)):
            given[name] = given[name] if readable(given[name], read) else ""
        if dataset.visited:
            given["uploader"] = ""
        if given["sort"] not in SORTS:
            given["sort"] = "oldest"
        return cls(dataset, **given)

    @property
    def active(self) -> bool:
        """Whether anything is filtered."""
        return any(value for name, value in self._items() if name not in self.NOT_FILTERS)

    @property
    def specimens(self) -> SpecimenFilter:
        """The filters by the records of the specimens."""
        return SpecimenFilter(**{name: getattr(self, name) for name in SpecimenFilter.NAMES})

    @property
    def predictions(self) -> PredictionFilter:
        """The filters by what the active model version predicts."""
        return PredictionFilter(**{name: getattr(self, name) for name in PredictionFilter.NAMES})

    def kept_number(self, name: str, compute: Callable[[], T]) -> T:
        """A number under this filter, cached until the dataset changes; computed anew under a prediction, since
        verdicts come without a change of the dataset."""
        return compute() if self.predictions.active else cached_with_lag(self.dataset, name, compute)

    @property
    def facet_items(self) -> list[tuple[str, str]]:
        """What a form that changes only the typed filters and the order has to carry along."""
        typed = self.TYPED | self.NOT_FILTERS
        return [(name, value) for name, value in self._items() if value and name not in typed]

    def query(self, **changes: str) -> str:
        """The address part of this filter with some changes, without what is at its default."""
        changed = replace(self, **changes)  # type: ignore[arg-type] # the dataset is never changed
        return urlencode({name: value for name, value in changed._items() if value and (name, value) != _DEFAULT_SORT})

    def apply(self, micrographs: MicrographQuerySet, *, but: tuple[str, ...] = ()) -> MicrographQuerySet:
        """Narrow the dataset's ``micrographs``, leaving out the filters named by ``but``."""
        for name, value in self._items():
            if value and name not in but and name not in self.ELSEWHERE:
                micrographs = micrographs.filter(_condition(self.dataset, name, value))
        if (predictions := self.predictions.without(but)).active:
            micrographs = micrographs.filter(matching(self.dataset, predictions))
        specimens = self.specimens.without(but)
        if not specimens.active:
            return micrographs
        named = cached(self.dataset, f"named {specimens.query()}", lambda: specimens.names(self.dataset))
        return micrographs.filter(specimen__in=named)

    def ordered(self, micrographs: MicrographQuerySet, *, backwards: bool = False) -> MicrographQuerySet:
        """In the gallery's order, which is total, or in the opposite one."""
        columns, downwards = _KEYS[self.sort]
        order = [OrderBy(F(column), descending=downwards != backwards) for column in columns]
        return _with_scale_order(micrographs).order_by(*order)

    def beside(self, shown: Micrograph, micrographs: MicrographQuerySet, *, backwards: bool) -> Micrograph | None:
        """The one after ``shown`` in this order, or the one before it; found by its place, not by counting."""
        columns, downwards = _KEYS[self.sort]
        lookup = "lt" if downwards != backwards else "gt"
        further = Q(pk__in=[])
        same: dict[str, Any] = {}
        # It follows from the condition of all columns; an index can start from it.
        not_before = Q(**{f"{columns[0]}__{lookup}e": _place(shown, columns[0])})
        for column in columns:
            value = _place(shown, column)
            further |= Q(**same, **{f"{column}__{lookup}": value})
            same[column] = value
        found = self.apply(_with_scale_order(micrographs)).filter(not_before, further)
        return self.ordered(found, backwards=backwards).only("pk").first()

    def _items(self) -> Iterator[tuple[str, str]]:
        return ((field.name, getattr(self, field.name)) for field in fields(self) if field.name != "dataset")


_DEFAULT_SORT = ("sort", "oldest")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _moment(day: str, of_day: time) -> datetime:
    """To compare moments, and not the date of each row, lets an index help."""
    return make_aware(datetime.combine(_day(day), of_day))


def _with_scale_order(micrographs: MicrographQuerySet) -> MicrographQuerySet:
    return micrographs.alias(scale_or_none=Coalesce("pixels_per_micrometre", NO_SCALE, output_field=FloatField()))


def _place(shown: Micrograph, column: str) -> Any:
    if column == "scale_or_none":
        return NO_SCALE if shown.pixels_per_micrometre is None else shown.pixels_per_micrometre
    return getattr(shown, column)


def label_condition(label: str) -> Q:
    """Micrographs with this label; also none-of-these, unsure and unlabelled."""
    unlabelled = Q(material_class=None, none_of_these=False, unsure=False)
    special = {UNLABELLED: unlabelled, NONE_OF_THESE: Q(none_of_these=True), UNSURE: Q(unsure=True)}
    return special.get(label) or Q(material_class__name=label)


def _condition(dataset: Dataset, name: str, value: str) -> Q:
    match name:
        case "label":
            return label_condition(value)
        case "missing_scale":
            return Q(pk__in=[]) if dataset.scale_free else Q(pixels_per_micrometre=None)
        case "split":
            return Q(split=Split.NEITHER if value == NEITHER else value)
        case "specimen":
            return Q(specimen="" if value == NO_SPECIMEN else value)
        case "uploader":
            return Q(uploaded_by__username=value)
        case "warning":
            return warned(dataset, value)
        case "since":
            return Q(created_at__gte=_moment(value, time.min))
        case "until":
            return Q(created_at__lte=_moment(value, time.max))
        case "instrument" | "detector" | "kilovolts" | "magnification" | "date":
            return Q(**{f"acquisition__{name}": value})
        case "search":
            return Q(filename__icontains=value)
        case "among":
            return Q(pk__in=keys_among(dataset, value))
    lookups = {"scale_min": "pixels_per_micrometre__gte", "scale_max": "pixels_per_micrometre__lte"}
    return Q(**{lookups.get(name, name): value})
