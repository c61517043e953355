"""Jobs that ended, counted in Redis by whichever worker ended them.

Workers thus need no port of their own, on any machine. A flushed Redis sets the counts to zero, which Prometheus takes
for a restart.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from redis.exceptions import RedisError

from microdb.heartbeats import redis
from microdb.jobs import Job, job_ended

logger = logging.getLogger(__name__)

KEY = "microdb-jobs-ended"
BUCKETS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0)
"""Seconds."""
RUN, WAIT = "run", "wait"
TIMES = {
    RUN: ("microdb_job_run_seconds", "Time from the start of a job's first run to its end, by kind."),
    WAIT: ("microdb_job_wait_seconds", "Time that a job waited for its first run, by kind."),
}


def kind_of(model: type[Job]) -> str:
    """What the metrics call a kind of jobs: ``score``, ``model_version``, ``reading``."""
    return str(model._meta.verbose_name).replace(" ", "_")


def connect() -> None:
    job_ended.connect(_note)


def _note(sender: type[Job], job: Job, **_: Any) -> None:
    if settings.METRICS_TOKEN:
        transaction.on_commit(partial(_count, kind_of(sender), job), robust=True)


def _count(kind: str, job: Job) -> None:
    pipeline = redis().pipeline()
    pipeline.hincrby(KEY, f"{kind} {job.state}", 1)
    for what, seconds in (
        (RUN, _between(job.started_at, job.finished_at)),
        (WAIT, _between(job.created_at, job.started_at)),
    ):
        bucket = next((str(bound) for bound in BUCKETS if seconds <= bound), "+Inf")
        pipeline.hincrby(KEY, f"{kind} {what} {bucket}", 1)
        pipeline.hincrbyfloat(KEY, f"{kind} {what} sum", seconds)
    try:
        pipeline.execute()
    except RedisError as error:
        logger.warning("The end of a job was not counted: %s", error)


def _between(start: datetime | None, end: datetime | None) -> float:
    return max((end - start).total_seconds(), 0.0) if start and end else 0.0


def ended_jobs() -> Iterator[Metric]:
    """What was counted so far."""
    ended = CounterMetricFamily("microdb_jobs_ended", "Jobs that ended, by kind and outcome.", labels=["kind", "state"])
    times: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for field, value in redis().hgetall(KEY).items():
        kind, what, *bucket = str(field).split(" ")
        if bucket:
            times[what, kind][bucket[0]] = float(value)
        else:
            ended.add_metric([kind, what], float(value))
    yield ended
    for what, (name, text) in TIMES.items():
        family = HistogramMetricFamily(name, text, labels=["kind"])
        for (_what, kind), counted in times.items():
            if _what == what:
                family.add_metric([kind], _cumulative(counted), counted.get("sum", 0.0))
        yield family


def _cumulative(counted: dict[str, float]) -> list[tuple[str, float]]:
    total, buckets = 0.0, []
    for bound in [*map(str, BUCKETS), "+Inf"]:
        total += counted.get(bound, 0.0)
        buckets.append((bound, total))
    return buckets
