"""The learning curve of a version: asking for it, reading it, cancelling it."""

from typing import Any, cast

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import User
from microdb.micrographs.models import Role
from microdb.training import curves
from microdb.training.access import trained_or_404
from microdb.training.api.intervals import IntervalSerializer
from microdb.training.curve_report import MORE, CurveReport, curve_report
from microdb.training.models import LearningCurve
from microdb.training.tasks import enqueue_curve


class CurvePointSerializer(serializers.Serializer[Any]):
    micrographs = serializers.FloatField(help_text="Trained on, a mean over the folds.")
    share = serializers.FloatField(help_text="Of the held-out micrographs that were recognised.")
    interval = IntervalSerializer()


class ClassWorthSerializer(serializers.Serializer[Any]):
    """What half of a class's micrographs brought."""

    name = serializers.CharField()
    kept = serializers.FloatField(help_text="Micrographs of the class that trained, a mean over the folds.")
    count = serializers.FloatField(help_text="Without taking any away.")
    loss = serializers.FloatField(help_text="Accuracy with all of them minus accuracy with those kept.")
    interval = IntervalSerializer()
    gain = serializers.FloatField(help_text=f"Extrapolated: what {MORE} more of the class are expected to bring.")
    gain_interval = IntervalSerializer()


class MeasuredCurveSerializer(serializers.Serializer[CurveReport]):
    held_out = serializers.IntegerField()
    points = CurvePointSerializer(many=True)
    classes = ClassWorthSerializer(many=True)
    best = serializers.SerializerMethodField(help_text="Of which more would probably help most; null: none stands out.")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_best(self, found: CurveReport) -> str | None:
        return found.best.name if found.best else None


class LearningCurveSerializer(serializers.ModelSerializer[LearningCurve]):
    """``result`` is null until it is measured."""

    result = serializers.SerializerMethodField()

    class Meta:
        model = LearningCurve
        fields = [
            "state",
            "progress",
            "progress_message",
            "error",
            "error_id",
            "created_at",
            "started_at",
            "finished_at",
            "result",
        ]
        read_only_fields = fields

    @extend_schema_field(MeasuredCurveSerializer(allow_null=True))
    def get_result(self, curve: LearningCurve) -> Any:
        found = curve_report(curve)
        return MeasuredCurveSerializer(found).data if found else None


class LearningCurveDetail(APIView):
    write_scope = "train"

    @extend_schema(responses=LearningCurveSerializer)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """State, progress and result; 404 where it was never asked for."""
        curve = get_object_or_404(LearningCurve, model_version=trained_or_404(request, slug, number))
        return Response(LearningCurveSerializer(curve).data)

    @extend_schema(request=None, responses={202: LearningCurveSerializer, 200: LearningCurveSerializer})
    @idempotent
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Measure what fewer micrographs, of all classes and of each in turn, would have cost the version."""
        version = trained_or_404(request, slug, number, Role.CURATOR)
        with transaction.atomic():
            curve = curves.request_curve(model_version=version, by=cast(User, request.user))
            enqueue_curve(curve)
            answer = Response(LearningCurveSerializer(curve).data, status=status.HTTP_202_ACCEPTED)
            return remembered(request, answer)


class LearningCurveCancel(APIView):
    write_scope = "train"

    @extend_schema(request=None, responses=LearningCurveSerializer)
    @idempotent
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Cancel the measurement; one that has ended stays as it is."""
        version = trained_or_404(request, slug, number, Role.CURATOR)
        curve = get_object_or_404(LearningCurve.objects.select_related("model_version__dataset"), model_version=version)
        curves.cancel_curve(curve=curve)
        curve.refresh_from_db()
        return Response(LearningCurveSerializer(curve).data)
