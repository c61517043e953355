"""The address under ``/api/v1/`` for the area fractions of a specimen."""

from typing import Any

from django.http.response import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.csv_lines import CSV_TYPE, csv_lines
from microdb.errors import MicroDBError
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.files import AnyAccept
from microdb.micrographs.validation.fields import checked_specimen
from microdb.scoring.api.requests import LARGEST_NUMBER
from microdb.scoring.area_fractions import MOST_FIELDS, SpecimenFractions, specimen_fractions
from microdb.training.services import scoring_version

JSON, CSV = "application/json", "text/csv"
PARAMETERS = {"specimen", "model_version"}
LONGEST_NAME = 100
"""Characters of a specimen's name."""


class FieldSerializer(serializers.Serializer[Any]):
    """A micrograph of the specimen, and how many points of its map have which outcome."""

    micrograph = serializers.UUIDField(source="score.micrograph.pk")
    filename = serializers.CharField(source="score.micrograph.filename")
    score = serializers.UUIDField(source="score.pk")
    pixels_per_micrometre = serializers.FloatField(source="score.pixels_per_micrometre", allow_null=True)
    points = serializers.DictField(child=serializers.IntegerField())


class OutcomeFractionSerializer(serializers.Serializer[Any]):
    """The area fraction of a class or of none-of-these; shares from 0 to 1."""

    name = serializers.CharField(help_text="A class name or none-of-these.")
    area_fraction = serializers.FloatField(source="fraction.mean", help_text="Mean over the fields.")
    standard_deviation = serializers.FloatField(
        source="fraction.deviation", allow_null=True, help_text="Of the fields; null for a single one."
    )
    half_width_95 = serializers.FloatField(
        source="fraction.half_width",
        allow_null=True,
        help_text="Of the 95 % interval over the fields by Student's t (ASTM E562); null where there is none.",
    )
    low_95 = serializers.FloatField(
        source="interval.low",
        default=None,
        help_text="Of the 95 % interval of the true fraction, with the errors of the model if `errors_measured`.",
    )
    high_95 = serializers.FloatField(source="interval.high", default=None)
    relative_accuracy = serializers.FloatField(
        source="fraction.relative_accuracy", allow_null=True, help_text="The half width over the mean."
    )


class SpecimenFractionsSerializer(serializers.Serializer[SpecimenFractions]):
    """The area fractions of a specimen by systematic point counting (ASTM E562)."""

    specimen = serializers.CharField()
    model_version = serializers.IntegerField(source="model_version.number")
    scales_differ = serializers.BooleanField(help_text="Whether the fields were taken at different magnifications.")
    errors_measured = serializers.BooleanField(
        help_text="Whether the intervals of the classes hold the errors of the model, measured when it was trained."
    )
    outcomes = OutcomeFractionSerializer(many=True)
    fields_counted = FieldSerializer(source="fields", many=True, help_text=f"At most {MOST_FIELDS}.")


class AreaFractions(APIView):
    """The area fraction of each class in a specimen."""

    content_negotiation_class = AnyAccept
    get_parameters = PARAMETERS

    @extend_schema(
        operation_id="datasets_area_fractions_retrieve",
        parameters=[
            OpenApiParameter("specimen", {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}, required=True),
            OpenApiParameter(
                "model_version",
                {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER},
                description="Its number; the active version by default.",
            ),
        ],
        responses={(200, JSON): SpecimenFractionsSerializer, (200, CSV): OpenApiTypes.STR},
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """By point counting over the maps of the specimen's micrographs that the version has scored.

        Each micrograph is a field. Fewer than two fields have no interval. `Accept: text/csv` gives a table.
        """
        dataset = dataset_or_404(request, slug)
        specimen = checked_specimen(request.query_params.get("specimen", ""))
        if not specimen:
            raise MicroDBError("Give the specimen, for example ?specimen=S1.", code="bad_filter")
        found = specimen_fractions(scoring_version(dataset=dataset, number=_number(request)), specimen, request.user)
        if request._request.get_preferred_type([JSON, CSV]) != CSV:
            return Response(SpecimenFractionsSerializer(found).data)
        response = StreamingHttpResponse(csv_lines(found.rows()), content_type=CSV_TYPE)
        response["Content-Disposition"] = f'attachment; filename="{slug}-area-fractions.csv"'
        return response


def _number(request: Request) -> int | None:
    given = request.query_params.get("model_version")
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:12]) <= LARGEST_NUMBER):
        raise MicroDBError(f"“{given[:60]}” is no model version. Give its number.", code="bad_filter")
    return int(given)
