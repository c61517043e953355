"""The readers of a quiz, and decisions about sittings that look like repeats."""

from typing import Any, cast

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import Panel, User
from microdb.accounts.parameters import PAGING
from microdb.quizzes import services
from microdb.quizzes.api.lookups import organised_quiz
from microdb.quizzes.models import Ballot
from microdb.quizzes.services.noting import REASON_LENGTH
from microdb.quizzes.sitting.progress import ReaderRow, reader_row, sittings


class ReaderSerializer(serializers.Serializer[ReaderRow]):
    """A sitting, without its answers."""

    id = serializers.IntegerField(source="ballot.pk")
    nickname = serializers.CharField(source="ballot.nickname")
    panel = serializers.ChoiceField(source="ballot.panel", choices=Panel.choices)
    years_of_experience = serializers.IntegerField(source="ballot.years_of_experience", allow_null=True)
    account = serializers.CharField(source="ballot.user.username", default="", help_text="Of who was signed in.")
    answered = serializers.IntegerField()
    started_at = serializers.DateTimeField(source="ballot.started_at")
    last_at = serializers.DateTimeField(allow_null=True, help_text="When the last answer was given.")
    submitted_at = serializers.DateTimeField(source="ballot.submitted_at", allow_null=True)
    withdrawn_at = serializers.DateTimeField(source="ballot.withdrawn_at", allow_null=True)
    counts = serializers.BooleanField(source="ballot.counts", help_text="Whether the results count it.")
    repeat_of = serializers.IntegerField(source="ballot.repeat_of_id", allow_null=True)
    shared = serializers.ListField(child=serializers.CharField(), help_text="What it shares with that one.")
    counted_anyway = serializers.BooleanField(source="ballot.counted_anyway")


class OverruleSerializer(StrictSerializer):
    counts = serializers.BooleanField(help_text="Whether to count the sitting although it looks like a repeat.")
    reason = serializers.CharField(max_length=REASON_LENGTH, help_text="The results show it.")


class QuizReaderList(generics.GenericAPIView[Any]):
    """Every real reader of a quiz; for its organisers."""

    queryset = Ballot.objects.none()
    serializer_class: Any = ReaderSerializer
    read_scope = "quiz"
    get_parameters = PAGING

    @extend_schema(operation_id="quizzes_readers_list", responses=ReaderSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """In the order of their beginning."""
        found: Any = self.paginate_queryset(sittings(organised_quiz(request, slug)))
        rows: Any = [reader_row(ballot) for ballot in found]
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)


class BallotOverrule(generics.GenericAPIView[Any]):
    queryset = Ballot.objects.none()
    serializer_class: Any = ReaderSerializer
    write_scope = "curate"

    @extend_schema(request=OverruleSerializer, responses=ReaderSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Count a repeat after all, or leave it out again."""
        quiz = organised_quiz(request, slug)
        given = OverruleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        ballot = get_object_or_404(quiz.ballots, pk=pk)
        services.overrule_repeat(ballot=ballot, by=cast(User, request.user), **given.validated_data)
        row: Any = reader_row(get_object_or_404(sittings(quiz), pk=pk))
        return remembered(request, Response(self.get_serializer(row).data))
