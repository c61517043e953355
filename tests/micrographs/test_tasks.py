"""Reading in the background: messages may be lost, doubled, or kill their worker."""

import io
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from microdb.celery import app, queue_length
from microdb.micrographs import services, tasks
from microdb.micrographs.models import Micrograph


@pytest.fixture(autouse=True)
def empty_queue():
    """A queue and a cache with nothing of other tests in them."""
    with app.connection_for_write() as connection:
        connection.default_channel.client.delete("ingest")
    cache.clear()


@pytest.fixture
def unread(dataset, owner, png, media) -> Micrograph:
    return services.add_micrograph(dataset=dataset, file=io.BytesIO(png()), filename="a.png", by=owner)


def test_a_message_goes_out_when_the_row_is_committed(unread, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tasks.enqueue_reading(unread)
        assert queue_length("ingest") == 0
    assert queue_length("ingest") == 1


def test_the_task_reads_the_micrograph(unread):
    tasks.read_micrograph(str(unread.pk))
    unread.refresh_from_db()
    assert unread.state == Micrograph.State.READY
    tasks.read_micrograph(str(unread.pk))  # a message that came twice


def test_a_doubled_message_does_not_disturb_the_worker_that_reads(unread):
    cache.add(f"reading-{unread.pk}", True)
    tasks.read_micrograph(str(unread.pk))
    unread.refresh_from_db()
    assert unread.state == Micrograph.State.READING


def test_a_micrograph_that_keeps_killing_its_worker_is_refused(unread):
    cache.set(f"attempts-to-read-{unread.pk}", 3)
    tasks.read_micrograph(str(unread.pk))
    unread.refresh_from_db()
    assert unread.state == Micrograph.State.REFUSED
    assert "3 times" in unread.refusal


def test_the_sweep_sends_a_lost_message_again(unread):
    tasks.sweep()
    assert queue_length("ingest") == 0  # too young to be lost
    Micrograph.objects.update(created_at=timezone.now() - timedelta(seconds=21))
    tasks.sweep()
    assert queue_length("ingest") == 1
    tasks.sweep()
    assert queue_length("ingest") == 1  # its message waits
