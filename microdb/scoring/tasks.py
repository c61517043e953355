"""The scoring queues: sending messages, and the worker's tasks."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from celery import Task, shared_task
from django.core.files.base import ContentFile
from django.db import transaction

from microdb.celery import app
from microdb.jobs import Job, failures_stored, is_redelivered
from microdb.scoring.models import Batch, BatchItem, BatchItemQuerySet, Score
from microdb.scoring.services import PATIENT, URGENT, announce_batches, claim_next, claim_urgent, settle_items
from microdb.scoring.support import support_of

if TYPE_CHECKING:
    from microdb.training.bridge.scoring import Scored

Heartbeat: TypeAlias = Callable[[float, str], bool]
MESSAGES_AT_ONCE = 500
MAPS = ("saliency", "planes")
"""The files of a score."""
URGENT_IN_A_ROW = 15
"""Scores that people wait for, made between two micrographs of a batch; more of them have their own messages."""
SECONDS_BETWEEN_PROGRESS = 1.0
"""Of scores that are being made."""
SECONDS_BETWEEN_HEARTBEATS = 5.0
"""Of scores that were claimed ahead; a job without one for 60 seconds has lost its worker."""


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
def send_rest(batch: Any, first: int) -> None:
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
    """Score a queued micrograph, and those of batches that come next, and store each outcome in its row.

    Before each micrograph of a batch, the scores are made that people wait for. The messages of all others find their
    scores done.
    """
    rows = Score.objects.with_page_rows()
    score = rows.claim(pk, redelivered=is_redelivered(self))
    if score is not None:
        _score_all([score, *(claim_next(score) if score.queue == PATIENT else [])])


def _score_all(scores: Sequence[Score]) -> None:
    from microdb.training.bridge import scoring

    held = _Held(scores)

    def people_first(rest: Sequence[Score]) -> None:
        for _turn in range(URGENT_IN_A_ROW):
            urgent = claim_urgent(rest)
            if urgent is None:
                return
            _score_all([urgent])
            held.keep_alive()

    try:
        # of loading the model
        with (
            failures_stored(scores[0]),
            closing(scoring.score_all(scores, _heartbeat, _kept, people_first)) as outcomes,
        ):
            for score, outcome in outcomes:
                with failures_stored(score):
                    _finish(score, outcome.result())
                held.scores.remove(score)
                held.keep_alive()
    finally:
        held.hand_back()


class _Held:
    """The scores that this worker has claimed and not ended."""

    def __init__(self, scores: Iterable[Score]) -> None:
        self.scores = list(scores)
        self._beaten = time.monotonic()

    def keep_alive(self) -> None:
        """Their heartbeat, now and then."""
        if time.monotonic() - self._beaten > SECONDS_BETWEEN_HEARTBEATS:
            self._beaten = time.monotonic()
            Score.objects.keep_alive(self.scores)

    def hand_back(self) -> None:
        """Queue them again."""
        for score in self.scores:
            if score.hand_back():
                _drop_map(score)


def _heartbeat(scores: Sequence[Score]) -> Heartbeat:
    """The heartbeat of scores that are made together; they stop when none of them is wanted any more.

    Most are made before the first: a write for each would be a sixth of what the database does for a score.
    """
    beaten = time.monotonic()

    def beat(progress: float, message: str) -> bool:
        nonlocal beaten
        if time.monotonic() - beaten < SECONDS_BETWEEN_PROGRESS:
            return True
        beaten = time.monotonic()
        wanted = [score.heartbeat(progress, message) for score in scores]
        return any(wanted)

    return beat


def _kept(score: Score, scored: "Scored") -> dict[str, Any]:
    """The columns of an outcome whose map is stored; called in a thread."""
    score.saliency.save("map.png", ContentFile(scored.saliency), save=False)
    score.planes.save("planes.png", ContentFile(scored.planes), save=False)
    score.descriptor = scored.descriptor
    return {**scored.fields, "saliency": str(score.saliency.name), "planes": str(score.planes.name)}


def _finish(score: Score, columns: dict[str, Any]) -> None:
    written = False
    try:
        written = score.finish(**columns, **support_of(score.model_version_id))
    finally:
        if not written:
            for name in MAPS:
                score.saliency.storage.delete(columns[name])


def _drop_map(score: Score) -> None:
    """Delete the map of a score that was made and not written."""
    for file in (getattr(score, name) for name in MAPS):
        if file:
            file.storage.delete(str(file.name))


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def sweep() -> None:
    """Go on with batches whose worker was lost, resend scores that lost their messages, announce finished batches."""
    _settle(BatchItem.objects.all())
    for queue in (URGENT, PATIENT):
        Score.objects.filter(queue=queue).resend(partial(_send_one, queue))
    announce_batches()


def _send_one(queue: str, pk: Any) -> None:
    score_micrograph.apply_async(args=[str(pk)], queue=queue)
