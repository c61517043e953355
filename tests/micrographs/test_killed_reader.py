"""A file that stops every worker that reads it is set aside, whatever the queue forgets meanwhile."""

import io
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone

from microdb.celery import app
from microdb.jobs import MAX_DELIVERIES, STALE_AFTER, Job
from microdb.micrographs import services
from microdb.micrographs.models import Micrograph, Reading
from microdb.micrographs.tasks import enqueue_reading, sweep
from tests.micrographs.conftest import encoded
from tests.workers import celery_worker, kill, wait_until


@pytest.fixture
def slow(dataset, owner) -> Micrograph:
    """A micrograph whose file takes seconds to read; its message is sent."""
    flush()
    pixels = np.random.default_rng(0).integers(0, 256, (6000, 6000), dtype=np.uint8)
    file = io.BytesIO(encoded(pixels, "PNG"))
    micrograph = services.add_micrograph(dataset=dataset, file=file, filename="slow.png", by=owner)
    enqueue_reading(micrograph)
    return micrograph


@pytest.mark.django_db(transaction=True)
def test_a_reading_whose_worker_was_killed_is_done_by_the_next(slow: Micrograph, tmp_path: Path):
    lose_a_worker(tmp_path / "worker.log")
    with celery_worker("ingest", tmp_path / "worker.log"):
        wait_until(lambda: state() == Job.State.DONE, seconds=90, log=tmp_path / "worker.log")
    slow.refresh_from_db()
    assert (slow.state, slow.width, slow.reading.deliveries) == (Micrograph.State.READY, 6000, 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_file_that_stopped_three_workers_is_refused_though_the_queue_lost_its_memory(
    slow: Micrograph, tmp_path: Path
):
    for attempt in range(1, MAX_DELIVERIES + 1):
        lose_a_worker(tmp_path / "worker.log")
        assert Reading.objects.get().deliveries == attempt
    with celery_worker("ingest", tmp_path / "worker.log"):
        wait_until(lambda: state() == Job.State.FAILED, seconds=60, log=tmp_path / "worker.log")
    slow.refresh_from_db()
    assert slow.state == Micrograph.State.REFUSED
    assert "3 times" in slow.refusal


def lose_a_worker(log: Path) -> None:
    """A worker dies while it reads, and the queue and the cache lose everything; a minute later the sweep comes."""
    with celery_worker("ingest", log) as worker:
        wait_until(lambda: state() == Job.State.RUNNING, seconds=60, log=log)
        kill(worker)
    a_minute_passes()
    flush()
    sweep()
    assert state() == Job.State.QUEUED


def state() -> str:
    return Reading.objects.get().state


def a_minute_passes() -> None:
    long_ago = timezone.now() - STALE_AFTER - timedelta(seconds=1)
    assert Reading.objects.filter(state=Job.State.RUNNING).update(heartbeat_at=long_ago) == 1


def flush() -> None:
    """The queue and the cache lose everything."""
    with app.connection_for_write() as connection:
        connection.default_channel.client.flushall()
