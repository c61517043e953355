"""Train and quiz by specimen: a proposal, and its application."""

from dataclasses import asdict
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
from microdb.micrographs.curation.split_proposal import Proposal, propose_split
from microdb.micrographs.models import Dataset, Role
from microdb.micrographs.services.splitting import apply_split

LEAST_PERCENT, MOST_PERCENT, DEFAULT_PERCENT = 5, 60, 25


class SplitSerializer(StrictSerializer):
    """How much of each class goes into the quiz, and which of the equally good proposals is meant."""

    quiz_percent = serializers.IntegerField(
        min_value=LEAST_PERCENT, max_value=MOST_PERCENT, default=DEFAULT_PERCENT, help_text="Of each class."
    )
    seed = serializers.IntegerField(
        min_value=0, max_value=10**6, default=0, help_text="The same one proposes the same."
    )


class SideSerializer(serializers.Serializer[Any]):
    micrographs = serializers.IntegerField()
    specimens = serializers.IntegerField()


class SplitRowSerializer(serializers.Serializer[Any]):
    """One class on both sides."""

    label = serializers.CharField()  # type: ignore[assignment] # a serializer's own label is not used
    train = SideSerializer()
    quiz = SideSerializer()


class ProposalSerializer(serializers.Serializer[Any]):
    """Whole specimens on either side; near-duplicates stay together."""

    train = serializers.IntegerField(help_text="How many micrographs are for training.")
    quiz = serializers.IntegerField()
    unnamed = serializers.IntegerField(help_text="How many name no specimen, so that each counts as its own.")
    classes = SplitRowSerializer(many=True)


class AppliedSplitSerializer(ProposalSerializer):
    changed = serializers.IntegerField(help_text="How many micrographs were on another side.")
    undo = serializers.CharField(allow_null=True, help_text="For `bulk/undo/`, within seven days.")


class DatasetSplit(APIView):
    """Train and quiz, so that no specimen is on both sides."""

    get_parameters = SplitSerializer().fields

    @extend_schema(parameters=[SplitSerializer], responses=ProposalSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Propose a split; nothing is changed."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        return Response(_summary(_proposal(dataset, request.query_params.dict())))

    @extend_schema(request=SplitSerializer, responses=AppliedSplitSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Apply the proposal that the same values give with GET."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        proposal = _proposal(dataset, request.data)
        changed, steps = apply_split(proposal=proposal, by=user_of(request))
        undo = undo_text(dataset, steps) if changed else None
        return remembered(request, Response({**_summary(proposal), "changed": changed, "undo": undo}))


def _proposal(dataset: Dataset, data: Any) -> Proposal:
    given = SplitSerializer(data=data)
    given.is_valid(raise_exception=True)
    values = given.validated_data
    return propose_split(dataset, quiz_share=values["quiz_percent"] / 100, seed=values["seed"])


def _summary(proposal: Proposal) -> dict[str, Any]:
    rows = [{"label": label, "train": asdict(train), "quiz": asdict(quiz)} for label, train, quiz in proposal.rows]
    counts = {"train": len(proposal.train), "quiz": len(proposal.quiz), "unnamed": proposal.unnamed}
    return {**counts, "classes": rows}
