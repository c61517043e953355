"""Filters of lists: those that are declared, and no others."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from microdb.errors import MicroDBError
from microdb.labels import NONE_OF_THESE, canonical_label
from microdb.micrographs.api.serializers import NEEDS_SCALE, SHOWN_STATES
from microdb.micrographs.models import Micrograph, MicrographQuerySet, ScaleSource

PAGING = {"page", "page_size", "format"}


class DeclaredFilters(DjangoFilterBackend):  # type: ignore[misc] # django-filter has no types
    """Answers 400 to a query parameter that is no filter, instead of the unfiltered list that a typo would give."""

    paging = PAGING
    """Query parameters that choose a page of the list."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset = self.get_filterset_class(view, queryset)
        refuse_unknown_filters(request, filterset.base_filters if filterset else (), self.paging)
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered


def refuse_unknown_filters(request: Request, known: Iterable[str], paging: Iterable[str] = PAGING) -> None:
    """Raise MicroDBError for a query parameter that is none of the ``known`` filters of a list."""
    unknown = sorted(set(request.query_params) - set(known) - set(paging))
    if unknown:
        message = f"No filter of this list: {', '.join(unknown)}. Filters: {', '.join(sorted(known)) or 'none'}."
        raise MicroDBError(message, code="unknown_filter")


class MicrographFilter(django_filters.FilterSet):  # type: ignore[misc] # django-filter has no types
    filename = django_filters.CharFilter(lookup_expr="icontains", help_text="Part of the file name.")
    label = django_filters.CharFilter(method="by_label", help_text="A class name or none-of-these.")
    labelled = django_filters.BooleanFilter(method="by_labelled")
    has_scale = django_filters.BooleanFilter(field_name="pixels_per_micrometre", lookup_expr="isnull", exclude=True)
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

    class Meta:
        model = Micrograph
        fields: list[str] = []

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
