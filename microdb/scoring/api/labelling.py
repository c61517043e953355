"""What a model version says about labels: which micrographs to label next, and which labels it contradicts."""

from typing import Any
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.parameters import PAGING
from microdb.errors import MicroDBError
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Role
from microdb.scoring.active_learning import ORDERS, PLACES, next_to_label
from microdb.scoring.label_issues import label_issues
from microdb.scoring.models import LabelCheck, Score
from microdb.scoring.services import keep_label
from microdb.training.models import ModelVersion


class NextSerializer(serializers.ModelSerializer[Score]):
    """An unlabelled micrograph, and what the active version says of it."""

    filename = serializers.CharField(source="micrograph.filename", read_only=True)
    score = serializers.UUIDField(source="pk", read_only=True)
    probabilities = serializers.DictField(child=serializers.FloatField(), read_only=True)

    class Meta:
        model = Score
        fields = ["micrograph", "filename", "score", "predicted", "probability", "none_of_these", "probabilities"]
        read_only_fields = fields


class SuspectSerializer(serializers.Serializer[LabelCheck]):
    """A label, and the probabilities that contradict it."""

    micrograph = serializers.UUIDField(source="micrograph.pk")
    filename = serializers.CharField(source="micrograph.filename")
    label = serializers.CharField()  # type: ignore[assignment] # a serializer's own label is not used
    predicted = serializers.CharField(help_text="A class name or none-of-these.")
    probability = serializers.FloatField(help_text="Of the prediction.")
    for_label = serializers.FloatField(help_text="The probability of the label.")
    model_version = serializers.IntegerField(source="version_number")
    kept = serializers.BooleanField(help_text="Whether a person has kept the label.")
    score = serializers.UUIDField(source="score.pk", default=None, help_text="Null: from its cross-validation.")


class KeepSerializer(StrictSerializer):
    """Whether the label stays although a prediction contradicts it."""

    kept = serializers.BooleanField(default=True, help_text="false: back among the labels to check.")
    seen = serializers.CharField(
        required=False, max_length=60, help_text="The label as you know it; 409 if it has changed since."
    )


class NextList(generics.GenericAPIView[Score]):
    """The unlabelled micrographs that tell the active version most."""

    queryset = Score.objects.none()
    serializer_class = NextSerializer
    get_parameters = {"order", *PAGING}

    @extend_schema(
        operation_id="datasets_next_list",
        parameters=[OpenApiParameter("order", enum=list(ORDERS), description="uncertainty by default.")],
        responses=NextSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """The most informative first; empty without an active version, or while it has scored none of them."""
        dataset = dataset_or_404(request, slug, Role.LABELLER)
        order = request.query_params.get("order") or next(iter(ORDERS))
        if order not in ORDERS:
            message = f"“{order[:60]}” is no order. Give one of: {', '.join(ORDERS)}."
            raise MicroDBError(message, code="bad_filter")
        version = ModelVersion.objects.filter(dataset=dataset, is_active=True).select_related("dataset").first()
        scores: Any = PLACES[order].ordered(next_to_label(dataset, version)) if version else []
        found: Any = self.paginate_queryset(scores)
        return self.get_paginated_response(self.get_serializer(found, many=True).data)


class SuspectList(generics.GenericAPIView[Any]):
    """The labels that a model version contradicts without having been trained on them."""

    queryset = Score.objects.none()
    serializer_class = SuspectSerializer
    get_parameters = {"kept", *PAGING}

    @extend_schema(
        operation_id="datasets_suspects_list",
        parameters=[
            OpenApiParameter("kept", bool, description="true: those that were kept, instead of those to check.")
        ],
        responses=SuspectSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """The most severe first. A kept label comes back when it or the evidence changes."""
        dataset = dataset_or_404(request, slug, Role.LABELLER)
        kept = request.query_params.get("kept") or "false"
        if kept not in ("true", "false"):
            raise MicroDBError(f"kept is true or false, not “{kept[:60]}”.", code="bad_filter")
        issues: Any = label_issues(dataset, kept=kept == "true")
        found: Any = self.paginate_queryset(issues)
        return self.get_paginated_response(self.get_serializer(found, many=True).data)


class SuspectKeep(APIView):
    @extend_schema(request=KeepSerializer, responses=SuspectSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str, pk: UUID) -> Response:
        """Keep the label of a micrograph against the prediction, or put it back among the labels to check.

        To change it, send `label` to the micrograph; `unsure` takes it away.
        """
        dataset = dataset_or_404(request, slug, Role.LABELLER)
        given = KeepSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        check = keep_label(dataset=dataset, micrograph=pk, **given.validated_data)
        return remembered(request, Response(SuspectSerializer(check).data))
