"""The records of a dataset's specimens under ``/api/v1/``."""

from typing import Any

from django.db import transaction
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.parameters import PAGING
from microdb.metallurgy import COOLINGS
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.filters import specimen_filter_of
from microdb.micrographs.api.views import user_of
from microdb.micrographs.gallery.specimen_filter import SpecimenFilter
from microdb.micrographs.gallery.specimen_list import SpecimenEntry, specimen_entries, specimen_entry
from microdb.micrographs.models import Dataset, Role, Specimen
from microdb.micrographs.validation.fields import checked_specimen


class StepSerializer(serializers.Serializer[Any]):
    """What was understood of one step of a heat treatment; a field that is not known is left out."""

    celsius = serializers.FloatField(required=False)
    minutes = serializers.FloatField(required=False)
    cooling = serializers.ChoiceField(choices=COOLINGS, required=False)
    medium = serializers.CharField(required=False)
    note = serializers.CharField(required=False)


class SpecimenChangeSerializer(serializers.Serializer[Any]):
    """Only what is sent changes; a composition and other fields are replaced as a whole."""

    name = serializers.CharField(required=False, help_text="Another name, also in the specimen's micrographs.")
    material = serializers.CharField(required=False, allow_blank=True)
    composition = serializers.DictField(
        child=serializers.FloatField(), required=False, help_text="Mass percent by element."
    )
    heat_treatment = serializers.CharField(
        required=False, allow_blank=True, help_text="For example: 970 °C, 90 min, quenched in water; 180 °C, 2 h"
    )
    heat_number = serializers.CharField(required=False, allow_blank=True)
    other_fields = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    notes = serializers.CharField(required=False, allow_blank=True)


class SpecimenSerializer(serializers.Serializer[SpecimenEntry]):
    """A specimen that micrographs name or that has a record."""

    name = serializers.CharField(source="specimen.name", read_only=True)
    material = serializers.CharField(source="specimen.material", read_only=True)
    composition = serializers.SerializerMethodField(help_text="Mass percent by element.")
    heat_treatment = serializers.CharField(source="specimen.heat_treatment", read_only=True)
    steps = serializers.SerializerMethodField(help_text="What was understood of the heat treatment.")
    heat_number = serializers.CharField(source="specimen.heat_number", read_only=True)
    other_fields = serializers.SerializerMethodField()
    notes = serializers.CharField(source="specimen.notes", read_only=True)
    micrographs = serializers.IntegerField(read_only=True, help_text="How many micrographs name it.")

    @extend_schema_field(serializers.DictField(child=serializers.FloatField()))
    def get_composition(self, entry: SpecimenEntry) -> dict[str, float]:
        return entry.specimen.composition

    @extend_schema_field(StepSerializer(many=True))
    def get_steps(self, entry: SpecimenEntry) -> list[dict[str, Any]]:
        return entry.specimen.steps

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_other_fields(self, entry: SpecimenEntry) -> dict[str, str]:
        return entry.specimen.other_fields


FILTERS = [
    OpenApiParameter("material", OpenApiTypes.STR),
    OpenApiParameter("element", OpenApiTypes.STR, description="A symbol, for example C."),
    OpenApiParameter("percent_min", OpenApiTypes.FLOAT, description="Least mass percent of the element."),
    OpenApiParameter("percent_max", OpenApiTypes.FLOAT, description="Greatest mass percent of the element."),
    OpenApiParameter("temperature", OpenApiTypes.FLOAT, description="Of a step of the heat treatment, in °C."),
    OpenApiParameter("cooling", OpenApiTypes.STR, enum=COOLINGS, description="Of a step, the same one."),
    OpenApiParameter("heat_number", OpenApiTypes.STR),
    OpenApiParameter("about", OpenApiTypes.STR, description="A part of any text of the record."),
]


class SpecimenList(generics.GenericAPIView[Any]):
    """The specimens of a dataset, in the order of their names."""

    queryset = Specimen.objects.none()
    serializer_class = SpecimenSerializer
    get_parameters = {*SpecimenFilter.NAMES, *PAGING}

    @extend_schema(operation_id="datasets_specimens_list", parameters=FILTERS, responses=SpecimenSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        dataset = dataset_or_404(request, slug)
        entries: Any = specimen_entries(dataset, specimen_filter_of(request.query_params))
        found: Any = self.paginate_queryset(entries)
        return self.get_paginated_response(self.get_serializer(found, many=True).data)


class SpecimenDetail(generics.GenericAPIView[Any]):
    """One specimen, by its name."""

    queryset = Specimen.objects.none()
    serializer_class = SpecimenSerializer

    @extend_schema(operation_id="datasets_specimens_retrieve")
    def get(self, request: Request, slug: str, name: str) -> Response:
        return self._answer(dataset_or_404(request, slug), name)

    @extend_schema(request=SpecimenChangeSerializer, responses=SpecimenSerializer)
    def patch(self, request: Request, slug: str, name: str) -> Response:
        """Change the record, or the name with that of all its micrographs; the history keeps what was."""
        given = SpecimenChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        new_name = checked_specimen(values.pop("name", name))
        dataset = dataset_or_404(request, slug, Role.LABELLER if new_name == name else Role.CURATOR)
        _entry_or_404(dataset, name)
        with transaction.atomic():
            services.update_specimens(dataset=dataset, records={name: values}, by=user_of(request))
            services.rename_specimen(dataset=dataset, name=name, new_name=new_name, by=user_of(request))
        return self._answer(dataset, new_name)

    def _answer(self, dataset: Dataset, name: str) -> Response:
        return Response(self.get_serializer(_entry_or_404(dataset, name)).data)


def _entry_or_404(dataset: Dataset, name: str) -> SpecimenEntry:
    entry = specimen_entry(dataset, name)
    if entry is None:
        raise Http404(f"There is no specimen “{name}” in this dataset.")
    return entry
