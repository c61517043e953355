"""Filters of the list of micrographs."""

from collections.abc import Callable, Mapping
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from microdb.errors import MicroDBError
from microdb.labels import NONE_OF_THESE, canonical_label
from microdb.metallurgy import COOLINGS
from microdb.micrographs.api.serializers import NEEDS_SCALE, SHOWN_STATES
from microdb.micrographs.gallery.among import keys_among
from microdb.micrographs.gallery.cached_counts import cached
from microdb.micrographs.gallery.filter import SORTS, GalleryFilter
from microdb.micrographs.gallery.predictions import PredictionFilter, matching
from microdb.micrographs.gallery.specimen_filter import SpecimenFilter
from microdb.micrographs.gallery.warnings import WARNINGS, warned
from microdb.micrographs.models import Cell, Dataset, Micrograph, MicrographQuerySet, ScaleSource, counted


class StrictBooleanField(forms.NullBooleanField):
    """true or false; anything else is refused instead of left out."""

    def to_python(self, value: Any) -> bool | None:  # type: ignore[override] # the stubs forget None
        text = str(value).strip().lower()
        if value in (None, "") or text in ("true", "1", "false", "0"):
            return None if value in (None, "") else text in ("true", "1")
        raise ValidationError(_("“%s” is neither true nor false.") % str(value)[:60])


class StrictBooleanFilter(django_filters.BooleanFilter):  # type: ignore[misc] # django-filter has no types
    field_class = StrictBooleanField

    def __init__(self, *args: Any, **about: Any) -> None:
        super().__init__(*args, widget=forms.TextInput, **about)


_SCHEMAS = {
    django_filters.BooleanFilter: OpenApiTypes.BOOL,
    django_filters.NumberFilter: OpenApiTypes.FLOAT,
    django_filters.IsoDateTimeFilter: OpenApiTypes.DATETIME,
}


def filter_parameters(filterset: Any) -> list[OpenApiParameter]:
    """The filters of a list as parameters of another operation, for the schema."""
    return [
        OpenApiParameter(
            name,
            next((schema for kind, schema in _SCHEMAS.items() if isinstance(one, kind)), OpenApiTypes.STR),
            description=one.extra.get("help_text", ""),
            enum=[value for value, _name in one.extra["choices"]] if "choices" in one.extra else None,
        )
        for name, one in filterset.base_filters.items()
    ]


class MicrographFilterBackend(DjangoFilterBackend):  # type: ignore[misc] # django-filter has no types
    """Tells the filters the dataset, which the view has looked up with its micrographs."""

    def get_filterset_kwargs(self, request: Any, queryset: Any, view: Any) -> dict[str, Any]:
        return {**super().get_filterset_kwargs(request, queryset, view), "dataset": view.dataset}


def specimen_filter_of(query: Mapping[str, Any]) -> SpecimenFilter:
    """The filters by the records of the specimens. Raises MicroDBError where a value can't be one of its filter."""
    found = SpecimenFilter.from_query(query)
    for name in SpecimenFilter.NAMES:
        given = str(query.get(name, "")).strip()
        if given and not getattr(found, name):
            raise MicroDBError(
                _("“%(given)s” can't be used for the filter %(name)s. Correct it.")
                % {"given": given[:60], "name": name},
                code="bad_filter",
            )
    return found


class MicrographFilter(django_filters.FilterSet):  # type: ignore[misc] # django-filter has no types
    filename = django_filters.CharFilter(lookup_expr="icontains", help_text="Part of the file name.")
    label = django_filters.CharFilter(method="by_label", help_text="A class name or none-of-these.")
    labelled = StrictBooleanFilter(method="by_labelled")
    has_scale = StrictBooleanFilter(field_name="pixels_per_micrometre", lookup_expr="isnull", exclude=True)
    scale_source = django_filters.ChoiceFilter(choices=ScaleSource.choices)
    specimen = django_filters.CharFilter()
    modality = django_filters.CharFilter()
    split = django_filters.ChoiceFilter(
        choices=[("train", "train"), ("quiz", "quiz")], null_value="neither", null_label="neither", method="by_split"
    )
    instrument = django_filters.CharFilter(field_name="acquisition__instrument")
    detector = django_filters.CharFilter(field_name="acquisition__detector")
    date = django_filters.CharFilter(
        field_name="acquisition__date", help_text="YYYY-MM-DD, as the microscope wrote it."
    )
    kilovolts = django_filters.NumberFilter(field_name="acquisition__kilovolts")
    magnification = django_filters.NumberFilter(field_name="acquisition__magnification")
    state = django_filters.ChoiceFilter(choices=SHOWN_STATES, method="by_state")
    unsure = StrictBooleanFilter(help_text="Whether somebody looked and could not tell.")
    warning = django_filters.ChoiceFilter(choices=list(WARNINGS.items()), method="by_warning")
    uploader = django_filters.CharFilter(field_name="uploaded_by__username", help_text="A user name.")
    scale_min = django_filters.NumberFilter(field_name="pixels_per_micrometre", lookup_expr="gte")
    scale_max = django_filters.NumberFilter(field_name="pixels_per_micrometre", lookup_expr="lte")
    since = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    sha256 = django_filters.CharFilter(help_text="Of the file.")
    predicted = django_filters.CharFilter(
        method="of_predictions",
        help_text="What the active version predicts: a class name, none-of-these, or unscored for those without.",
    )
    probability_min = django_filters.NumberFilter(
        method="of_predictions", min_value=0, max_value=1, help_text="Least probability of that prediction."
    )
    probability_max = django_filters.NumberFilter(
        method="of_predictions", min_value=0, max_value=1, help_text="Greatest probability of that prediction."
    )
    material = django_filters.CharFilter(method="of_specimens", help_text="Of the specimen's record.")
    element = django_filters.CharFilter(method="of_specimens", help_text="A symbol, for example C.")
    percent_min = django_filters.NumberFilter(method="of_specimens", help_text="Least mass percent of the element.")
    percent_max = django_filters.NumberFilter(method="of_specimens", help_text="Greatest mass percent of it.")
    temperature = django_filters.NumberFilter(method="of_specimens", help_text="Of a heat treatment's step, in °C.")
    cooling = django_filters.ChoiceFilter(choices=[(one, one) for one in COOLINGS], method="of_specimens")
    heat_number = django_filters.CharFilter(method="of_specimens")
    about = django_filters.CharFilter(method="of_specimens", help_text="A part of any text of the specimen's record.")
    among = django_filters.CharFilter(
        method="by_among", help_text="map:NUMBER:BITS: chosen on the map of a model version, as its page does."
    )
    sort = django_filters.ChoiceFilter(choices=list(SORTS.items()), method="by_sort", help_text="oldest by default.")

    class Meta:
        model = Micrograph
        fields: list[str] = []

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dataset = dataset

    def filter_queryset(self, queryset: MicrographQuerySet) -> MicrographQuerySet:
        micrographs: MicrographQuerySet = super().filter_queryset(queryset)
        predictions = PredictionFilter.from_query(self.data)
        if predictions.active:
            micrographs = micrographs.filter(matching(self.dataset, predictions))
        specimens = specimen_filter_of(self.data)
        return micrographs.filter(specimen__in=specimens.names(self.dataset)) if specimens.active else micrographs

    def of_specimens(self, micrographs: MicrographQuerySet, name: str, value: Any) -> MicrographQuerySet:
        """Left to ``filter_queryset``, since they belong together: temperature and cooling are those of one step."""
        return micrographs

    def of_predictions(self, micrographs: MicrographQuerySet, name: str, value: Any) -> MicrographQuerySet:
        """Left to ``filter_queryset`` too: the class and the probability are those of one verdict."""
        return micrographs

    def by_warning(self, micrographs: MicrographQuerySet, name: str, value: str) -> MicrographQuerySet:
        return micrographs.filter(warned(self.dataset, value))

    def by_sort(self, micrographs: MicrographQuerySet, name: str, value: str) -> MicrographQuerySet:
        return GalleryFilter(self.dataset, sort=value).ordered(micrographs)

    def by_among(self, micrographs: MicrographQuerySet, name: str, value: str) -> MicrographQuerySet:
        return micrographs.filter(pk__in=keys_among(self.dataset, value))

    def by_label(self, micrographs: MicrographQuerySet, name: str, value: str) -> MicrographQuerySet:
        label = canonical_label(value)
        if label == NONE_OF_THESE:
            return micrographs.filter(none_of_these=True)
        return micrographs.filter(material_class__name__in=[value, label])

    def by_labelled(self, micrographs: MicrographQuerySet, name: str, value: bool) -> MicrographQuerySet:
        return micrographs.labelled() if value else micrographs.unlabelled()

    def by_split(self, micrographs: MicrographQuerySet, name: str, value: str) -> MicrographQuerySet:
        return micrographs.filter(split="" if value == "neither" else value)

    def by_state(self, micrographs: MicrographQuerySet, name: str, value: str) -> MicrographQuerySet:
        if value == Micrograph.State.READY:
            return micrographs.filter(state=value).with_scale()
        if value == NEEDS_SCALE:
            return micrographs.ready().filter(pixels_per_micrometre=None, dataset__scale_free=False)
        return micrographs.filter(state=value)

    def count(self) -> int:
        """How many micrographs match. The database has counted the common filters; the others are counted once after
        each change of the dataset."""
        dataset = self.dataset
        filled = {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "")}
        given = {name: value for name, value in filled.items() if name != "sort"}
        if given.keys() <= _MATCHES.keys():
            cells = counted(dataset, "material_class", "none_of_these", "modality", "split", "state", "scale_bin")
            classes = dict(dataset.material_classes.values_list("pk", "name")) if "label" in given else {}
            of_dataset = [
                cell | {"class": classes.get(cell["material_class"]), "settled": dataset.scale_free} for cell in cells
            ]
            return sum(
                int(one["total"]) for one in of_dataset if all(_MATCHES[name](one, given[name]) for name in given)
            )
        if PredictionFilter.from_query(self.data).active:  # verdicts come without a change of the dataset
            return int(self.qs.count())
        return int(cached(dataset, f"API {sorted(given.items())}", self.qs.count))


def _has_state(cell: Cell, value: str) -> bool:
    settled = cell["settled"] or cell["scale_bin"] is not None
    if value == NEEDS_SCALE:
        return cell["state"] == Micrograph.State.READY and not settled
    return bool(cell["state"] == value and (settled or value != Micrograph.State.READY))


def _has_label(cell: Cell, value: str) -> bool:
    label = canonical_label(value)
    return bool(cell["none_of_these"]) if label == NONE_OF_THESE else cell["class"] in (value, label)


_MATCHES: dict[str, Callable[[Cell, Any], bool]] = {
    "label": _has_label,
    "labelled": lambda cell, value: bool(cell["material_class"] or cell["none_of_these"]) == value,
    "has_scale": lambda cell, value: (cell["scale_bin"] is not None) == value,
    "modality": lambda cell, value: bool(cell["modality"] == value),
    "split": lambda cell, value: bool(cell["split"] == ("" if value == "neither" else value)),
    "state": _has_state,
}
"""The filters whose columns the database counts, as conditions on its counts; they are those of the methods above."""
