"""Verdicts that become labels."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.undo import undo_text
from microdb.micrographs.api.views import user_of
from microdb.micrographs.models import Role
from microdb.scoring.services import ANSWERS, label_by_scores

MOST_SCORES = 1000
"""In one request."""


class LabelByScoresSerializer(StrictSerializer):
    """Scores of the dataset, and what becomes the label of their micrographs."""

    scores = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST_SCORES)
    answer = serializers.ChoiceField(
        choices=ANSWERS, help_text="predicted: the prediction of each score; none-of-these: that for all of them."
    )


class LabelledByScoresSerializer(serializers.Serializer[Any]):
    micrographs = serializers.IntegerField(help_text="How many were chosen.")
    changed = serializers.IntegerField(help_text="How many labels changed.")
    left_out = serializers.IntegerField(
        help_text="Scores without a verdict, or of files that are no micrographs of the dataset."
    )
    undo = serializers.CharField(
        allow_null=True, help_text="For `bulk/undo/`, within seven days; null if nothing was changed."
    )


class LabelByScores(APIView):
    @extend_schema(request=LabelByScoresSerializer, responses=LabelledByScoresSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Label the micrographs of these scores, all or none. Of several scores of a micrograph the latest counts."""
        dataset = dataset_or_404(request, slug, Role.LABELLER)
        given = LabelByScoresSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        done = label_by_scores(dataset=dataset, by=user_of(request), **given.validated_data)
        body = {"micrographs": done.chosen, "changed": done.changed, "left_out": done.left_out}
        return remembered(request, Response(body | {"undo": undo_text(dataset, done.undo)}))
