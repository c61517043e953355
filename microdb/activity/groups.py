"""Jobs that are counted for each dataset: readings, letterings, scores that belong to no batch, deliveries."""

import math
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from microdb.activity.tallies import Tally
from microdb.activity.viewers import Viewer
from microdb.activity.work import Counts, Kind, Work
from microdb.jobs import Job
from microdb.micrographs.models import Dataset
from microdb.scoring.models import LATELY

PAGES = {
    Kind.READING: "micrographs:gallery",
    Kind.LETTERING: "micrographs:gallery",
    Kind.SCORE: "scoring:score_list",
    Kind.DESCRIBING: "micrographs:gallery",
    Kind.DELIVERY: "webhooks:notifications",
}


def groups(viewer: Viewer, tallies: list[Tally]) -> list[Work]:
    """Those of the person's datasets. What is sent to webhooks concerns curators alone."""
    seen = [one for one in tallies if one.dataset in viewer.datasets]
    return [
        _work(one, viewer.datasets[one.dataset], may_change=one.dataset in viewer.curated)
        for one in seen
        if one.kind != Kind.DELIVERY or one.dataset in viewer.curated
    ]


def _work(tally: Tally, dataset: Dataset, *, may_change: bool) -> Work:
    kind = Kind(tally.kind)
    active = tally.waiting + tally.running
    moment = tally.since or tally.failed_at or timezone.now()
    return Work(
        kind=kind,
        key=dataset.pk,
        dataset=dataset,
        title=str(kind.label).capitalize(),
        page=reverse(PAGES[kind], args=[dataset.slug]),
        state=_state(tally),
        created_at=moment,
        counts=Counts(waiting=tally.waiting, running=tally.running, done=0, failed=tally.failed),
        started_at=tally.since if tally.running else None,
        heartbeat_at=tally.heartbeat_at,
        finished_at=None if active else tally.failed_at,
        seconds_left=_seconds_left(active, tally.lately, moment),
        error_id=tally.error_id or "",
        may_change=may_change,
    )


def _state(tally: Tally) -> str:
    if tally.running or (tally.waiting and tally.lately):
        return Job.State.RUNNING
    return Job.State.QUEUED if tally.waiting else Job.State.FAILED


def _seconds_left(active: int, lately: int, since: datetime) -> int | None:
    """At the rate of the last minute."""
    if not (active and lately):
        return None
    measured = min(LATELY, timezone.now() - since).total_seconds()
    return math.ceil(active * max(measured, 1.0) / lately)
