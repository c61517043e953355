"""What the sweep does for quizzes, and the scores that they ask for."""

from celery import shared_task

from microdb.quizzes.composition.readiness import readiness
from microdb.quizzes.models import Quiz
from microdb.quizzes.services import close_overdue, request_model_answers
from microdb.scoring.tasks import enqueue_score


def enqueue_model_answers(quiz: Quiz) -> bool:
    """Ask the models of a draft for the answers that are missing; whether all are there now."""
    if not readiness(quiz).complete:
        for score in request_model_answers(quiz=quiz):
            enqueue_score(score)
    return readiness(quiz).complete


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def sweep() -> None:
    """Close the quizzes whose time is over, and tell those who want to hear of it."""
    close_overdue()
