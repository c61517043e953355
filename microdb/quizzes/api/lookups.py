"""Looking a quiz up for a request of the API."""

from typing import Any

from rest_framework.request import Request

from microdb.micrographs.models import Role
from microdb.quizzes.access import member_quiz_or_404
from microdb.quizzes.models import Quiz


def organised_quiz(request: Request, slug: str) -> Quiz:
    """For somebody who may organise it."""
    return member_quiz_or_404(request, slug, role=Role.CURATOR)


def shown_quiz(request: Request, slug: str) -> Any:
    """With its counts, for its members."""
    quiz = member_quiz_or_404(request, slug)
    counted = Quiz.objects.with_counts().select_related("dataset").get(pk=quiz.pk)
    counted.dataset = quiz.dataset  # which knows who looks
    return counted
