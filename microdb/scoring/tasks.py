"""Both ends of the two scoring queues."""

from functools import partial
from typing import Any

from celery import Task, shared_task
from django.core.files.base import ContentFile
from django.db import transaction

from microdb.celery import app
from microdb.jobs import Job, failures_stored, is_redelivered
from microdb.micrographs.files.decoding import gray_pixels
from microdb.scoring.models import Batch, Score
from microdb.scoring.services import PATIENT, URGENT

MESSAGES_AT_ONCE = 500


def enqueue_score(score: Score) -> None:
    """Nudge a worker, once the row is committed; a score that has a verdict needs none."""
    if score.state == Job.State.QUEUED:
        score_micrograph.apply_async_on_commit(args=[str(score.pk)], queue=score.queue)


def enqueue_batch(batch: Batch) -> None:
    """Nudge the workers for every queued score of a batch, once its rows are committed.

    The first messages are sent at once; of a long batch a worker sends the others, for nobody shall wait for that.
    """
    transaction.on_commit(lambda: _send_first(batch))


def _send_first(batch: Batch) -> None:
    last = _send(batch.pk, first=0, most=MESSAGES_AT_ONCE)
    if last is not None:
        send_rest.delay(str(batch.pk), last + 1)


def _send(batch: Any, *, first: int, most: int | None = None) -> int | None:
    """A message per queued score from position ``first`` on; the last position, if ``most`` were sent.

    What a crash leaves unsent here is sent by the sweep.
    """
    queued = Score.objects.filter(batch_items__batch=batch, batch_items__position__gte=first, state=Job.State.QUEUED)
    rows = list(queued.order_by("batch_items__position").values_list("pk", "queue", "batch_items__position")[:most])
    with app.producer_pool.acquire(block=True) as producer:
        for pk, queue, _position in rows:
            score_micrograph.apply_async(args=[str(pk)], queue=queue, producer=producer)
    return rows[-1][2] if len(rows) == most else None


@shared_task
def send_rest(batch: str, first: int) -> None:
    """Send what ``enqueue_batch`` left of a long batch."""
    _send(batch, first=first)


@shared_task(bind=True)
def score_micrograph(self: "Task[Any, Any]", pk: str) -> None:
    """Score a queued micrograph; its row tells what came of it."""
    rows = Score.objects.with_page_rows()
    score = rows.claim(pk, redelivered=is_redelivered(self))
    if score is None:
        return
    with failures_stored(score):
        from microdb.training import bridge

        with score.micrograph.master.open("rb") as master:
            pixels = gray_pixels(master)
        scored = bridge.score(
            score.model_version,
            pixels,
            score.pixels_per_micrometre,
            score.seed,
            score.heartbeat,
            score.data_bar_top,
        )
        score.saliency.save("map.png", ContentFile(scored.saliency), save=False)
        stored, written = str(score.saliency.name), False
        try:
            written = score.finish(**scored.fields, saliency=stored)
        finally:
            if not written:
                score.saliency.storage.delete(stored)


@shared_task
def sweep() -> None:
    """Give work that lost its worker or its message another message."""
    for queue in (URGENT, PATIENT):
        Score.objects.filter(queue=queue).resend(partial(_send_one, queue))


def _send_one(queue: str, pk: Any) -> None:
    score_micrograph.apply_async(args=[str(pk)], queue=queue)
