"""The scoring queues: sending messages, and the worker's tasks."""

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from celery import Task, shared_task
from django.core.files.base import ContentFile
from django.db import transaction

from microdb.celery import app
from microdb.jobs import Job, failures_stored, is_redelivered
from microdb.scoring.models import Batch, BatchItem, BatchItemQuerySet, Score
from microdb.scoring.services import PATIENT, URGENT, announce_batches, settle_items

MESSAGES_AT_ONCE = 500


def enqueue_score(score: Score) -> None:
    """Send a queued score's message once its row is committed; a score with a verdict needs none."""
    if score.state == Job.State.QUEUED:
        score_micrograph.apply_async_on_commit(args=[str(score.pk)], queue=score.queue)


def enqueue_batch(batch: Batch) -> None:
    """Send a message for every queued score of a started batch, once its rows are committed.

    A worker goes on with a long batch, so that the request does not have to wait.
    """
    transaction.on_commit(lambda: _send_first(batch))


def _send_first(batch: Batch) -> None:
    last = _send(batch.pk, first=0, most=MESSAGES_AT_ONCE)
    if last is not None:
        send_rest.delay(str(batch.pk), last + 1)
    elif BatchItem.objects.filter(batch=batch).next_to_score().exists():
        send_rest.delay(str(batch.pk), 0)


def _send(batch: Any, *, first: int, most: int | None = None) -> int | None:
    """A message per queued score from position ``first`` on; the last position, if ``most`` were sent.

    After a crash, the sweep sends the rest.
    """
    queued = Score.objects.filter(batch_items__batch=batch, batch_items__position__gte=first, state=Job.State.QUEUED)
    rows = list(queued.order_by("batch_items__position").values_list("pk", "queue", "batch_items__position")[:most])
    _send_all((pk, queue) for pk, queue, _position in rows)
    return rows[-1][2] if len(rows) == most else None


def _send_all(scores: Iterable[tuple[Any, str]]) -> None:
    with app.producer_pool.acquire(block=True) as producer:
        for pk, queue in scores:
            score_micrograph.apply_async(args=[str(pk)], queue=queue, producer=producer)


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def send_rest(batch: str, first: int) -> None:
    """Go on with a long batch after ``enqueue_batch``: send what is queued, and make the scores that it still lacks."""
    _send(batch, first=first)
    _settle(BatchItem.objects.filter(batch=batch))


def score_what_was_read(micrograph: UUID) -> None:
    """Go on with the batches that waited for this micrograph to be read."""
    _settle(BatchItem.objects.filter(micrograph=micrograph))


def _settle(items: BatchItemQuerySet) -> None:
    """Give all items their scores whose micrograph has been read, and send these."""
    while settled := settle_items(items):
        scores = {item.score.pk: item.score for item in settled if item.score}.values()
        waiting = [(score.pk, score.queue) for score in scores if score.state == Job.State.QUEUED]
        transaction.on_commit(partial(_send_all, waiting))


@shared_task(bind=True)  # type: ignore[untyped-decorator] # Celery has no types
def score_micrograph(self: "Task[Any, Any]", pk: str) -> None:
    """Score a queued micrograph and store the outcome in its row."""
    rows = Score.objects.with_page_rows()
    score = rows.claim(pk, redelivered=is_redelivered(self))
    if score is None:
        return
    with failures_stored(score):
        from microdb.training.bridge import scoring

        scored = scoring.score(score, score.heartbeat)
        score.saliency.save("map.png", ContentFile(scored.saliency), save=False)
        stored, written = str(score.saliency.name), False
        try:
            written = score.finish(**scored.fields, saliency=stored)
        finally:
            if not written:
                score.saliency.storage.delete(stored)


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def sweep() -> None:
    """Go on with batches whose worker was lost, resend scores that lost their messages, announce finished batches."""
    _settle(BatchItem.objects.all())
    for queue in (URGENT, PATIENT):
        Score.objects.filter(queue=queue).resend(partial(_send_one, queue))
    announce_batches()


def _send_one(queue: str, pk: Any) -> None:
    score_micrograph.apply_async(args=[str(pk)], queue=queue)
