"""What the rows, the queue and the machine show at the moment of the scrape, with a few cheap queries."""

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.utils import timezone
from kombu.exceptions import OperationalError
from prometheus_client.core import GaugeMetricFamily, Metric
from redis.exceptions import RedisError

from microdb.backups.making import LAST_BACKUP
from microdb.celery import queue_length
from microdb.health import QUEUES
from microdb.heartbeats import heartbeats
from microdb.jobs import Job
from microdb.monitoring.metrics.job_counts import ended_jobs, kind_of
from microdb.upkeep.checking import last_report

logger = logging.getLogger(__name__)

ALIVE = 60.0
"""Seconds since its last sign of life, after which a worker is not counted any more."""


class Present:
    """A collector for prometheus_client. A part that does not answer is left out and named in an own metric."""

    def collect(self) -> Iterator[Metric]:
        failed = GaugeMetricFamily("microdb_scrape_failed", "1: this part of the metrics is missing.", labels=["part"])
        for name, part in PARTS.items():
            try:
                metrics = list(part())
            except (DatabaseError, OperationalError, RedisError, OSError) as error:
                logger.warning("No metrics of %s: %s", name, error)
                metrics = []
                failed.add_metric([name], 1)
            yield from metrics
        yield failed


def _active_jobs() -> Iterator[Metric]:
    counts = GaugeMetricFamily("microdb_jobs", "Jobs that wait or run, by kind and state.", labels=["kind", "state"])
    oldest = GaugeMetricFamily(
        "microdb_jobs_oldest_seconds", "Age of the oldest job of that kind and state.", labels=["kind", "state"]
    )
    now = timezone.now()
    for model in apps.get_models():
        if issubclass(model, Job):
            for state, count, created_at in _active(model):
                counts.add_metric([kind_of(model), state], count)
                oldest.add_metric([kind_of(model), state], (now - created_at).total_seconds() if created_at else 0)
    yield from (counts, oldest)


def _active(model: type[Job]) -> Iterator[tuple[str, int, datetime | None]]:
    rows = (
        model._default_manager.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).order_by().values_list("state")
    )
    found = {state: (count, oldest) for state, count, oldest in rows.annotate(Count("pk"), Min("created_at"))}
    for state in (Job.State.QUEUED, Job.State.RUNNING):
        yield str(state), *found.get(state, (0, None))


def _queues() -> Iterator[Metric]:
    lengths = GaugeMetricFamily("microdb_queue_messages", "Messages that no worker has taken.", labels=["queue"])
    for queue in QUEUES:
        lengths.add_metric([queue], queue_length(queue))
    yield lengths


def _workers() -> Iterator[Metric]:
    ages = GaugeMetricFamily(
        "microdb_heartbeat_age_seconds", "Time since a worker, or beat, was alive.", labels=["process"]
    )
    serving = GaugeMetricFamily("microdb_workers", "Workers that take from the queue.", labels=["queue"])
    found = heartbeats()
    for one in found:
        ages.add_metric([one.name], one.seconds_ago)
    for queue in QUEUES:
        serving.add_metric([queue], sum(queue in one.queues and one.seconds_ago < ALIVE for one in found))
    yield from (ages, serving)


def _disks() -> Iterator[Metric]:
    free = GaugeMetricFamily("microdb_disk_free_bytes", "Free space where files are written.", labels=["folder"])
    size = GaugeMetricFamily("microdb_disk_size_bytes", "All space there.", labels=["folder"])
    folders = {"storage": getattr(default_storage, "location", ""), "temporary": tempfile.gettempdir()}
    for name, folder in folders.items():
        if folder:  # a bucket has no disk
            usage = shutil.disk_usage(next(path for path in (Path(folder), *Path(folder).parents) if path.exists()))
            free.add_metric([name], usage.free)
            size.add_metric([name], usage.total)
    yield from (free, size)


def _database() -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        yield GaugeMetricFamily("microdb_database_bytes", "Size of the database.", value=cursor.fetchone()[0])
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        yield GaugeMetricFamily("microdb_database_connections", "Open connections to it.", value=cursor.fetchone()[0])


def _upkeep() -> Iterator[Metric]:
    """Absent where there was none since the queue's server was made."""
    if (report := last_report()) is not None:
        problems = GaugeMetricFamily(
            "microdb_file_problems",
            "Files that the latest check found missing, altered or without a row.",
            labels=["problem"],
        )
        for problem, count in report.counts.items():
            problems.add_metric([problem], count)
        yield problems
        yield _moment("microdb_file_check_timestamp_seconds", "When the latest check began.", report.started_at)
    if made_at := cache.get(LAST_BACKUP):
        moment = datetime.fromisoformat(made_at)
        yield _moment("microdb_backup_timestamp_seconds", "When the latest backup was completed.", moment)


def _moment(name: str, text: str, moment: datetime) -> Metric:
    return GaugeMetricFamily(name, f"{text} Unix time.", value=moment.timestamp())


PARTS: dict[str, Callable[[], Iterable[Metric]]] = {
    "jobs": _active_jobs,
    "ended jobs": ended_jobs,
    "queues": _queues,
    "workers": _workers,
    "disks": _disks,
    "database": _database,
    "upkeep": _upkeep,
}
