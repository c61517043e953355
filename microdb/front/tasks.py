"""Draw sample datasets in the background, step by step."""

from celery import shared_task

from microdb.front import sample
from microdb.micrographs.models import Dataset


def enqueue_drawing(dataset: Dataset) -> None:
    draw_sample.delay_on_commit(dataset.pk)


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def draw_sample(pk: int) -> None:
    """Draw a few micrographs of a sample, and come again while there are more."""
    if sample.draw_some(pk):
        draw_sample.delay(pk)


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def sweep() -> None:
    """Go on with samples whose message was lost."""
    for pk in sample.unfinished():
        draw_sample.delay(pk)
