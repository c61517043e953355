"""How many jobs of each dataset wait, run and have failed lately, counted for the whole site at most every two seconds.

Each reading and each score is a job, so there may be a million. However many people watch, one process at a time
counts, and the others show what was counted before; the longer it takes to count, the less often it is done.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.utils import timezone
from redis.exceptions import RedisError

from microdb.activity.work import ACTIVE, Kind
from microdb.jobs import Job
from microdb.micrographs.models import Lettering, Reading
from microdb.scoring.models import LATELY, Batch, BatchItem, BatchItemQuerySet, Score
from microdb.similar.models import Describing
from microdb.webhooks.models import Delivery

FAILED_FOR = timedelta(days=1)
"""How long a failed job is counted."""
FRESH = 2.0
"""Seconds for which a count is shown, at least."""
SHARE = 0.1
"""Of the time that counting may take."""
KEY, LOCK = "activity-tallies", "activity-tallies-lock"
KEPT, LOCKED_FOR = 3600, 30
"""Seconds."""

logger = logging.getLogger(__name__)

COUNTED: dict[Kind, tuple[Callable[[], QuerySet[Any]], str]] = {
    Kind.READING: (Reading.objects.all, "micrograph__dataset"),
    Kind.LETTERING: (Lettering.objects.all, "micrograph__dataset"),
    Kind.SCORE: (lambda: Score.objects.filter(batch_items=None), "model_version__dataset"),
    Kind.DESCRIBING: (Describing.objects.all, "model_version__dataset"),
    Kind.DELIVERY: (Delivery.objects.all, "event__dataset"),
}
"""The jobs that are counted, and how they lead to their dataset."""


@dataclass(frozen=True)
class Tally:
    """The jobs of one kind in one dataset. ``lately``: done in the last minute; ``since``: the longest waiting."""

    kind: str
    dataset: int
    waiting: int
    running: int
    failed: int
    lately: int
    since: datetime | None
    heartbeat_at: datetime | None
    failed_at: datetime | None
    error_id: str | None


@dataclass(frozen=True)
class BatchTally:
    """The items of one batch that has not ended: those that wait or run, and the verdicts of the last minute."""

    waiting: int
    running: int
    lately: int
    started_at: datetime

    @property
    def unsettled(self) -> int:
        return self.waiting + self.running


@dataclass(frozen=True)
class Tallies:
    groups: list[Tally]
    batches: dict[Any, BatchTally]


def site_tallies() -> Tallies:
    """Of all datasets; the caller picks those that the person sees."""
    try:
        kept = cache.get(KEY)
        if kept and (_is_fresh(kept) or not cache.add(LOCK, 1, LOCKED_FOR)):
            return _of_rows(kept)
        rows = _count()
        cache.set(KEY, rows, KEPT)
        cache.delete(LOCK)
    except RedisError as error:
        logger.warning("What runs is counted for one person alone: %s", error)
        rows = _count()
    return _of_rows(rows)


def forget_tallies() -> None:
    """Count anew for whoever asks next, since somebody changed what runs."""
    try:
        cache.delete_many([KEY, LOCK])
    except RedisError as error:
        logger.warning("Old counts of what runs are shown for some seconds: %s", error)


def _is_fresh(kept: dict[str, Any]) -> bool:
    return bool(time.time() - kept["counted_at"] < max(FRESH, kept["seconds"] / SHARE))


def _count() -> dict[str, Any]:
    start, now = time.monotonic(), timezone.now()
    groups = [row for kind in COUNTED for row in _group(kind, now)]
    batches = _batches(now)
    seconds = time.monotonic() - start
    return {"groups": groups, "batches": batches, "counted_at": time.time(), "seconds": seconds}


def _of_rows(rows: dict[str, Any]) -> Tallies:
    return Tallies([Tally(**row) for row in rows["groups"]], {pk: BatchTally(**row) for pk, row in rows["batches"]})


def _batches(now: datetime) -> list[tuple[Any, dict[str, Any]]]:
    """From their active scores and unread items, which partial indexes find; the others are not looked at."""
    started: dict[Any, Any] = dict(Batch.objects.unfinished().values_list("pk", "started_at"))
    items = BatchItem.objects.filter(batch__in=started)
    queued = items.filter(score__state=Job.State.QUEUED)
    running = _by_batch(items.filter(score__state=Job.State.RUNNING))
    lately = items.filter(score__state=Job.State.DONE, score__finished_at__gte=now - LATELY)
    waiting = Counter(_by_batch(queued)) + Counter(_by_batch(items.unread()))
    verdicts = _by_batch(lately)
    tallies = {
        pk: BatchTally(waiting[pk], running.get(pk, 0), verdicts.get(pk, 0), moment) for pk, moment in started.items()
    }
    return [(pk, vars(tally)) for pk, tally in tallies.items()]


def _by_batch(items: BatchItemQuerySet) -> dict[Any, int]:
    return dict(items.order_by().values_list("batch").annotate(Count("pk")))


def _group(kind: Kind, now: datetime) -> list[dict[str, Any]]:
    jobs, dataset = COUNTED[kind]
    active = Q(state__in=ACTIVE)
    failed = Q(state=Job.State.FAILED, finished_at__gte=now - FAILED_FOR)
    lately = Q(state=Job.State.DONE, finished_at__gte=now - LATELY)
    counted = (
        jobs()
        .filter(active | failed | lately)
        .order_by()
        .values(to=F(dataset))
        .annotate(
            waiting=Count("pk", filter=Q(state=Job.State.QUEUED)),
            running=Count("pk", filter=Q(state=Job.State.RUNNING)),
            failed=Count("pk", filter=failed),
            lately=Count("pk", filter=lately),
            since=Min("created_at", filter=active),
            heartbeat_at=Max("heartbeat_at", filter=active),
            failed_at=Max("finished_at", filter=failed),
            error_id=Max("error_id", filter=failed),
        )
    )
    return [
        {"kind": kind.value, "dataset": row.pop("to"), **row}
        for row in counted
        if row["waiting"] or row["running"] or row["failed"]
    ]
