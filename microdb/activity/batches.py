"""Batches as work."""

import math
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.activity.tallies import BatchTally
from microdb.activity.viewers import Viewer
from microdb.activity.work import ACTIVE, Counts, Kind, Work
from microdb.jobs import Job
from microdb.scoring.batch_progress import verdicts_per_second
from microdb.scoring.models import Batch

UNFINISHED = Q(announced_at=None, cancelled_at=None)
STATES = {
    Job.State.QUEUED: UNFINISHED,
    Job.State.RUNNING: UNFINISHED,
    Job.State.DONE: Q(cancelled_at=None),
    Job.State.CANCELLED: Q(cancelled_at__isnull=False),
    Job.State.FAILED: Q(pk__in=[]),
}
"""Conditions that batches in a state meet; whether one that is not announced yet waits for something is counted."""


def batches(viewer: Viewer) -> QuerySet[Batch]:
    """Started batches of the person's datasets; an open one waits for a script and not for a worker."""
    started = Batch.objects.filter(started_at__isnull=False, model_version__dataset__in=viewer.datasets)
    return started.select_related("model_version").only(
        *("requested_by", "created_at", "started_at", "cancelled_at", "announced_at", "counts"),
        *("model_version__number", "model_version__dataset"),
    )


def work_of_batches(viewer: Viewer, found: list[Batch], counted: dict[Any, BatchTally]) -> list[Work]:
    """``counted``: those that have not ended; of the others the counts are stored."""
    return [_work(viewer, one, counted.get(one.pk), _ahead(one, counted)) for one in found]


def _work(viewer: Viewer, batch: Batch, tally: BatchTally | None, ahead: int) -> Work:
    version = batch.model_version
    state, counts = _state(batch, tally), _counts(batch, tally)
    settled = counts.done + counts.failed
    return Work(
        kind=Kind.BATCH,
        key=batch.pk,
        dataset=viewer.datasets[version.dataset_id],
        title=_("Batch, scored with version %d") % version.number,
        page=reverse("scoring:batch", args=[batch.pk]),
        state=state,
        created_at=batch.created_at,
        counts=counts,
        progress=settled / counts.total if counts.total else None,
        ahead=ahead if state == Job.State.QUEUED else None,
        started_at=batch.started_at,
        finished_at=batch.cancelled_at or batch.announced_at,
        seconds_left=_seconds_left(batch, tally) if state in ACTIVE else None,
        requested_by=batch.requested_by_id,
        may_change=version.dataset_id in viewer.curated,
    )


def _state(batch: Batch, tally: BatchTally | None) -> str:
    """Queued until its first item is scored."""
    if batch.cancelled_at:
        return Job.State.CANCELLED
    if batch.announced_at or (tally and not tally.unsettled):
        return Job.State.DONE
    total = (batch.counts or {}).get("total") or 0
    begun = tally is not None and (tally.running or tally.unsettled < total)
    return Job.State.RUNNING if begun else Job.State.QUEUED


def _counts(batch: Batch, tally: BatchTally | None) -> Counts:
    """While it runs, those that are settled, with or without a verdict, count as done."""
    stored = batch.counts or {}
    total = stored.get("total")
    if tally:
        done = max((total or 0) - tally.unsettled, 0)
        return Counts(waiting=tally.waiting, running=tally.running, done=done, total=total)
    return Counts(done=stored.get("done", 0), failed=stored.get("without_verdict", 0), total=stored.get("total"))


def _seconds_left(batch: Batch, tally: BatchTally | None) -> int | None:
    if tally is None:
        return None
    rate = verdicts_per_second(tally.lately, timezone.now() - tally.started_at)
    return math.ceil(tally.unsettled / rate) if rate else None


def _ahead(batch: Batch, counted: dict[Any, BatchTally]) -> int:
    assert batch.started_at  # only started batches are work
    return sum(one.started_at < batch.started_at for one in counted.values() if one.unsettled)
