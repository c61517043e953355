"""The quality report of a dataset: classes by scale, findings, and circumstances that predict the class."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.gallery.confounders import Tested, confounders_of
from microdb.micrographs.gallery.quality_report import ClassRow, quality_report_of


class FindingSerializer(serializers.Serializer[Any]):
    """A problem, and how many micrographs have it."""

    count = serializers.IntegerField()
    sentence = serializers.CharField(help_text="What comes after the count.")


class BinSerializer(serializers.Serializer[Any]):
    """A range of scales, in pixels per micrometre."""

    low = serializers.FloatField()
    high = serializers.FloatField()


class CoverageSerializer(serializers.Serializer[ClassRow]):
    """A class with its micrographs by split, and by scale in the order of `bins`."""

    name = serializers.CharField()
    train = serializers.IntegerField()
    quiz = serializers.IntegerField()
    neither = serializers.IntegerField()
    unscaled = serializers.IntegerField()
    by_scale = serializers.SerializerMethodField()

    def get_by_scale(self, row: ClassRow) -> list[int]:
        return [covered.count for covered in row.covered]


class ConfounderSerializer(serializers.Serializer[Tested]):
    """How often one circumstance alone predicts the class of other specimens."""

    name = serializers.CharField()
    accuracy = serializers.FloatField(source="look_up.accuracy", help_text="0 to 1.")
    low = serializers.FloatField(source="look_up.interval.low", help_text="Of the 95 % interval.")
    high = serializers.FloatField(source="look_up.interval.high")
    majority = serializers.FloatField(source="look_up.majority", help_text="The share of the commonest class.")
    micrographs = serializers.IntegerField(source="look_up.total")
    warns = serializers.BooleanField(help_text="Whether it predicts more than chance.")


class HealthSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    bins = BinSerializer(many=True)
    classes = CoverageSerializer(many=True)
    findings = FindingSerializer(many=True, help_text="The worst first; only what there is.")
    confounders = ConfounderSerializer(many=True, help_text="The best predictor first.")


class DatasetHealth(APIView):
    @extend_schema(responses=HealthSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """What a dataset has and lacks."""
        dataset = dataset_or_404(request, slug)
        report, tested = quality_report_of(dataset), confounders_of(dataset).tested
        shown = {"total": report.total, "bins": report.bins, "classes": report.rows, "findings": report.findings}
        return Response(HealthSerializer({**shown, "confounders": tested}).data)
