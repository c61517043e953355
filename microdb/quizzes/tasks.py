"""What the sweep does for quizzes."""

from celery import shared_task

from microdb.quizzes.services import close_overdue


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def sweep() -> None:
    """Close the quizzes whose time is over, and tell those who want to hear of it."""
    close_overdue()
