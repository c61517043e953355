"""Quizzes and their statistics over REST; reading them needs the scope ``quiz``."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.errors import MicroDBError
from microdb.quizzes.access import may_see_truth, member_quiz_or_404
from microdb.quizzes.api.serializers import QuizSerializer, ReadersSerializer, ReportSerializer
from microdb.quizzes.models import Quiz, QuizQuerySet
from microdb.quizzes.reports import Readers, quiz_report


class QuizList(generics.ListAPIView[Quiz]):
    """Quizzes of the datasets that the caller is a member of, the latest first."""

    read_scope = "quiz"
    serializer_class = QuizSerializer
    queryset = Quiz.objects.none()
    get_parameters = {"dataset"}

    @extend_schema(parameters=[OpenApiParameter("dataset", str, description="Only those of the one with this slug.")])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuizQuerySet:
        found = Quiz.objects.visible_to(self.request.user).select_related("dataset").with_counts()
        slug = self.request.query_params.get("dataset", "").replace("\x00", "")
        return found.filter(dataset__slug=slug) if slug else found


class QuizResults(APIView):
    """A quiz's statistics; per question too, for curators, and for all members once it is closed."""

    read_scope = "quiz"
    get_parameters = ReadersSerializer().fields

    @extend_schema(responses=ReportSerializer, parameters=[ReadersSerializer])
    def get(self, request: Request, slug: str) -> Response:
        quiz = member_quiz_or_404(request, slug)
        ReadersSerializer(data=request.query_params).is_valid(raise_exception=True)
        if quiz.opened_at is None:
            raise MicroDBError("This quiz is not open yet: it has no results.", code="quiz_not_open")
        report = quiz_report(quiz, Readers.from_query(request.query_params))
        context = {"quiz": quiz, "sees_truth": may_see_truth(request.user, quiz)}
        return Response(ReportSerializer(report, context=context).data)
