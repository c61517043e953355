"""The record of an opened quiz, and two quizzes side by side."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.errors import MicroDBError
from microdb.micrographs.api.files import AnyAccept
from microdb.quizzes.access import member_quiz_or_404, quiz_with_truth_or_404
from microdb.quizzes.composition.integrity import verify
from microdb.quizzes.models import Quiz, QuizEvent
from microdb.quizzes.reports.side_by_side import same_questions, side_by_side
from microdb.training.api.intervals import IntervalSerializer


class QuizEventSerializer(serializers.ModelSerializer[QuizEvent]):
    by = serializers.CharField(source="by_name", read_only=True)

    class Meta:
        model = QuizEvent
        fields = ["kind", "reason", "by", "at"]
        read_only_fields = fields


class RecordSerializer(serializers.Serializer[Any]):
    """Whether today's rows are those that were fixed when the quiz opened."""

    sha256 = serializers.CharField(help_text="Of the record, as it was fixed.")
    intact = serializers.BooleanField()
    hash_holds = serializers.BooleanField()
    changed = serializers.ListField(child=serializers.CharField(), help_text="Sections that differ.")
    events = QuizEventSerializer(many=True, help_text="What organisers did.")


class QuizSideSerializer(serializers.Serializer[Any]):
    answered = serializers.IntegerField()
    accuracy = serializers.FloatField()
    interval = IntervalSerializer()


class QuizLineSerializer(serializers.Serializer[Any]):
    """A panel or a model; null where it took no part."""

    label = serializers.CharField()  # type: ignore[assignment] # a serializer's own label is not used
    first = QuizSideSerializer(allow_null=True)
    second = QuizSideSerializer(allow_null=True)


class SideBySideSerializer(serializers.Serializer[Any]):
    same_questions = serializers.IntegerField(help_text="Micrographs that both ask about.")
    lines = QuizLineSerializer(many=True)


class QuizRecord(APIView):
    read_scope = "quiz"

    @extend_schema(responses=RecordSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Check the record of an opened quiz; computed anew from the rows each time."""
        quiz = member_quiz_or_404(request, slug)
        if quiz.opened_at is None:
            raise MicroDBError("This quiz is not open yet: it has no record.", code="quiz_not_open")
        found = verify(quiz)
        checks = {"intact": found.intact, "hash_holds": found.hash_holds, "changed": found.changed}
        return Response(RecordSerializer({"sha256": quiz.frozen_sha256, **checks, "events": quiz.events.all()}).data)


class QuizRecordDocument(APIView):
    read_scope = "quiz"
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str) -> HttpResponse:
        """The record, byte for byte as it was hashed. It holds the truths, so only those who may know them read it."""
        quiz = quiz_with_truth_or_404(request, slug)
        if not quiz.record:
            raise Http404("This quiz was opened before records were kept.")
        headers = {"Content-Disposition": f'attachment; filename="{slug}-record.json"'}
        return HttpResponse(quiz.record.encode(), content_type="application/json", headers=headers)


class QuizCompare(APIView):
    read_scope = "quiz"
    get_parameters = {"with"}

    @extend_schema(
        parameters=[OpenApiParameter("with", str, required=True, description="The slug of another opened quiz.")],
        responses=SideBySideSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        """The results of two quizzes side by side."""
        first = member_quiz_or_404(request, slug)
        wanted = request.query_params.get("with", "").replace("\x00", "")
        opened = Quiz.objects.visible_to(request.user).filter(opened_at__isnull=False).select_related("dataset")
        second = get_object_or_404(opened.exclude(pk=first.pk), slug=wanted)
        if first.opened_at is None:
            raise MicroDBError("This quiz is not open yet: it has no results.", code="quiz_not_open")
        lines = side_by_side(first, second)
        return Response(SideBySideSerializer({"same_questions": same_questions(first, second), "lines": lines}).data)
