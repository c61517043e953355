"""One quiz: read, change, delete, sign, open, close, open again, copy."""

from typing import Any, cast

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.models import reason_withheld, withheld_from
from microdb.quizzes import services
from microdb.quizzes.api.composing import QuizChangeSerializer, change_quiz
from microdb.quizzes.api.details import QuizDetailSerializer
from microdb.quizzes.api.lookups import organised_quiz, shown_quiz
from microdb.quizzes.api.serializers import QuizSerializer
from microdb.quizzes.models import Quiz
from microdb.quizzes.services.noting import REASON_LENGTH
from microdb.quizzes.tasks import enqueue_model_answers


class OpenSerializer(StrictSerializer):
    accepts_unknown_specimens = serializers.BooleanField(
        default=False, help_text="You state that no question shows a specimen of the training; the record repeats it."
    )


class ReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=REASON_LENGTH, help_text="The results show it.")


class QuizView(generics.GenericAPIView[Quiz]):
    """What the addresses of one quiz have in common; writing needs the scope ``curate``."""

    queryset = Quiz.objects.none()
    serializer_class: Any = QuizDetailSerializer
    read_scope = "quiz"
    write_scope = "curate"

    def answer(self, slug: str, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(shown_quiz(self.request, slug)).data, status=code)


class QuizDetail(QuizView):
    """One quiz."""

    @extend_schema(operation_id="quizzes_retrieve")
    def get(self, request: Request, slug: str) -> Response:
        return self.answer(slug)

    @extend_schema(request=QuizChangeSerializer, responses=QuizDetailSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        """Change a draft. An opened quiz can only be copied."""
        quiz = organised_quiz(request, slug)
        given = QuizChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if quiz.questions.filter(withheld_from(request.user, "micrograph")).exists():
            raise MicroDBError(reason_withheld(), code="withheld")
        change_quiz(quiz, dict(given.validated_data))
        return self.answer(slug)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Delete a draft. An opened quiz is a record and stays."""
        services.delete_draft(quiz=organised_quiz(request, slug))
        return Response(status=status.HTTP_204_NO_CONTENT)


class QuizSign(QuizView):
    @extend_schema(request=None, responses=QuizDetailSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Sign the truth of a draft as it is now."""
        services.sign_truth(quiz=organised_quiz(request, slug), by=cast(User, request.user))
        return remembered(request, self.answer(slug))


class QuizOpen(QuizView):
    @extend_schema(request=OpenSerializer, responses={200: QuizDetailSerializer, 202: QuizDetailSerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Open a quiz: 200 once it is fixed. 202 while its models are still answering: then send this again, with a new
        Idempotency-Key."""
        quiz = organised_quiz(request, slug)
        given = OpenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if quiz.opened_at is None and not enqueue_model_answers(quiz):
            return self.answer(slug, status.HTTP_202_ACCEPTED)
        accepts = given.validated_data["accepts_unknown_specimens"]
        services.open_quiz(quiz=quiz, by=cast(User, request.user), accepts_unknown_specimens=accepts)
        return remembered(request, self.answer(slug))


class QuizClose(QuizView):
    serializer_class = QuizSerializer

    @extend_schema(request=None, responses=QuizSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Close a quiz: it takes no more answers. A closed one stays as it is."""
        services.close_quiz(quiz=organised_quiz(request, slug), by=cast(User, request.user))
        return remembered(request, self.answer(slug))


class QuizReopen(QuizView):
    @extend_schema(request=ReasonSerializer, responses=QuizDetailSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Let a closed quiz take answers again."""
        quiz = organised_quiz(request, slug)
        given = ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        services.reopen_quiz(quiz=quiz, by=cast(User, request.user), reason=given.validated_data["reason"])
        return remembered(request, self.answer(slug))


class QuizCopy(QuizView):
    @extend_schema(request=None, responses={201: QuizDetailSerializer, 200: QuizDetailSerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Make a new draft like this quiz, without what can no longer be asked."""
        copy = services.copy_quiz(quiz=organised_quiz(request, slug), by=cast(User, request.user))
        return remembered(request, self.answer(copy.slug, status.HTTP_201_CREATED))
