"""Model versions over the REST API: start a training, follow it, cancel it, activate its model."""

from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import User
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Dataset, Role, Split
from microdb.micrographs.services import set_split
from microdb.training import services
from microdb.training.bridge.settings import refuse_wrong_settings
from microdb.training.models import ModelVersion
from microdb.training.preflight import unsplit_micrographs
from microdb.training.so_far import SoFar, so_far
from microdb.training.tasks import enqueue_training


class ModelVersionSerializer(serializers.ModelSerializer[ModelVersion]):
    """One version; ``metrics`` is empty until it is trained."""

    dataset_version = serializers.IntegerField(source="dataset_version.number", read_only=True)
    metrics = serializers.DictField(read_only=True)
    config = serializers.DictField(read_only=True)
    imported_from = serializers.CharField(
        source="imported.name",
        read_only=True,
        default="",
        help_text="Of a version that was trained elsewhere.",
    )
    classes = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ModelVersion
        fields = [
            "number",
            "state",
            "is_active",
            "progress",
            "progress_message",
            "error",
            "error_id",
            "classes",
            "metrics",
            "config",
            "seed",
            "dataset_version",
            "artifact_sha256",
            "imported_from",
            "created_at",
            "started_at",
            "finished_at",
        ]
        read_only_fields = fields


class SoFarSerializer(serializers.Serializer[SoFar]):
    """What is known of a training while it runs."""

    held_out = serializers.IntegerField(help_text="Micrographs of specimens not trained on that were asked so far.")
    right = serializers.IntegerField(help_text="How many of these were recognised.")
    latest_loss = serializers.FloatField(allow_null=True, help_text="Triplet loss.")


class ModelVersionDetailSerializer(ModelVersionSerializer):
    """One version, with the time left and what is known so far while it is trained."""

    seconds_left = serializers.IntegerField(read_only=True, allow_null=True)
    so_far = serializers.SerializerMethodField()

    class Meta(ModelVersionSerializer.Meta):
        fields = [*ModelVersionSerializer.Meta.fields, "seconds_left", "so_far"]
        read_only_fields = fields

    @extend_schema_field(SoFarSerializer(allow_null=True))
    def get_so_far(self, version: ModelVersion) -> Any:
        known = so_far(version)
        return None if known is None else SoFarSerializer(known).data


class TrainingRequestSerializer(StrictSerializer):
    """What a training may be given."""

    seed = serializers.IntegerField(default=0, min_value=0, max_value=services.LARGEST_SEED)
    config = serializers.DictField(default=dict, help_text="Settings that differ from the classifier's own.")
    include_unsplit = serializers.BooleanField(
        default=False, help_text="First put labelled micrographs that are in no split into split train."
    )


class ModelVersionList(generics.ListAPIView[ModelVersion]):
    """The model versions of a dataset, the latest first."""

    queryset = ModelVersion.objects.all()
    serializer_class = ModelVersionSerializer
    write_scope = "train"

    def get_queryset(self) -> QuerySet[ModelVersion]:
        return _versions(dataset_or_404(self.request, self.kwargs["slug"])).order_by("-number")

    @extend_schema(
        request=TrainingRequestSerializer,
        responses={202: ModelVersionSerializer, 200: ModelVersionSerializer},
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Start a training; 202 and a queued version, or 200 and the answer that this key had before."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        given = TrainingRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        options, user = dict(given.validated_data), cast(User, request.user)
        refuse_wrong_settings(options["config"], scale_free=dataset.scale_free)
        with transaction.atomic():
            if options.pop("include_unsplit"):
                set_split(micrographs=unsplit_micrographs(dataset), split=Split.TRAIN, by=user)
            version = services.request_training(dataset=dataset, by=user, **options)
            enqueue_training(version)
            answer = Response(self.get_serializer(version).data, status=status.HTTP_202_ACCEPTED)
            return remembered(request, answer)


class ModelVersionDetail(generics.RetrieveAPIView[ModelVersion]):
    """State, progress and metrics of one version."""

    queryset = ModelVersion.objects.all()
    serializer_class = ModelVersionDetailSerializer

    def get_object(self) -> ModelVersion:
        return _version(self.request, self.kwargs["slug"], self.kwargs["number"])


class ModelVersionCancel(APIView):
    write_scope = "train"

    @extend_schema(request=None, responses=ModelVersionSerializer)
    @idempotent
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Cancel a training; one that has ended stays as it is."""
        version = _version(request, slug, number, Role.CURATOR)
        services.cancel_training(model_version=version)
        return Response(ModelVersionSerializer(version).data)


class ModelVersionActivate(APIView):
    write_scope = "train"

    @extend_schema(request=None, responses=ModelVersionSerializer)
    @idempotent
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Let a trained version score from now on."""
        version = _version(request, slug, number, Role.CURATOR)
        services.activate(model_version=version)
        return Response(ModelVersionSerializer(version).data)


def _versions(dataset: Dataset) -> QuerySet[ModelVersion]:
    return (
        ModelVersion.objects.filter(dataset=dataset).select_related("dataset_version").defer("descriptor_map", "live")
    )


def _version(request: Request, slug: str, number: int, role: str = Role.VIEWER) -> ModelVersion:
    return get_object_or_404(_versions(dataset_or_404(request, slug, role)), number=number)
