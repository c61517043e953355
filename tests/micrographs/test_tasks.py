"""Reading as a job: messages may be lost or doubled, workers may stop, and the queue may lose its memory."""

import io
from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.utils import timezone

from microdb.celery import LANES, FairCycle, app, lane, queue_length
from microdb.errors import MicroDBError
from microdb.jobs import MAX_DELIVERIES, STALE_AFTER, UNSENT_AFTER, Job
from microdb.micrographs import services, tasks
from microdb.micrographs.models import Micrograph, Reading
from microdb.micrographs.services import reading as reading_service
from tests.micrographs.conftest import stored_files
from tests.workers import celery_worker, wait_until


@pytest.fixture(autouse=True)
def empty_queue():
    """A queue and a cache with nothing of other tests in them."""
    flush()
    cache.clear()


def flush() -> None:
    with app.connection_for_write() as connection:
        connection.default_channel.client.flushall()


@pytest.fixture
def unread(dataset, owner, png, media) -> Micrograph:
    return services.add_micrograph(dataset=dataset, file=io.BytesIO(png()), filename="a.png", by=owner)


def claimed(micrograph: Micrograph, **options: bool) -> Reading:
    reading = Reading.objects.claim(micrograph.pk, **options)
    assert reading is not None
    return reading


def later(seconds: float, **filters: Any) -> None:
    """As if every message had been sent, and every heartbeat been, so much earlier."""
    for reading in Reading.objects.filter(**filters):
        reading.enqueued_at -= timedelta(seconds=seconds)
        if reading.heartbeat_at:
            reading.heartbeat_at -= timedelta(seconds=seconds)
        reading.save(update_fields=["enqueued_at", "heartbeat_at"])


def fails(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def measure(*args: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr(reading_service, "read_isolated", measure)


def test_a_message_goes_out_when_the_row_is_committed(unread, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tasks.enqueue_reading(unread)
        assert queue_length("ingest") == 0
    assert queue_length("ingest") == 1


def test_a_micrograph_comes_with_its_queued_reading(unread):
    assert unread.reading.state == Job.State.QUEUED


def test_the_task_reads_the_micrograph_once_however_often_its_message_comes(unread, media):
    tasks.read_micrograph(str(unread.pk))
    unread.refresh_from_db()
    files = stored_files(media)
    assert (unread.state, unread.reading.state) == (Micrograph.State.READY, Job.State.DONE)
    tasks.read_micrograph(str(unread.pk))
    assert Reading.objects.get().deliveries == 1
    assert stored_files(media) == files


def test_a_doubled_message_does_not_disturb_the_worker_that_reads(unread):
    claimed(unread)
    tasks.read_micrograph(str(unread.pk))
    unread.refresh_from_db()
    assert (unread.state, unread.reading.deliveries) == (Micrograph.State.READING, 1)


def test_of_two_workers_that_read_the_same_the_one_that_lost_its_claim_writes_nothing(unread, media):
    first = claimed(unread)
    second = claimed(unread, redelivered=True)
    services.read_micrograph(reading=second)
    unread.refresh_from_db()
    files, display = stored_files(media), unread.display.name
    services.read_micrograph(reading=first)
    unread.refresh_from_db()
    assert unread.display.name == display
    assert stored_files(media) == files


def test_a_file_that_cannot_be_read_is_refused_with_the_reason_in_both_rows(unread, media, monkeypatch):
    fails(monkeypatch, MicroDBError("It is cut short. Copy it again."))
    tasks.read_micrograph(str(unread.pk))
    unread.refresh_from_db()
    assert (unread.state, unread.refusal) == (Micrograph.State.REFUSED, "It is cut short. Copy it again.")
    assert (unread.reading.state, unread.reading.error) == (Job.State.FAILED, unread.refusal)
    assert stored_files(media) == []


def test_a_file_that_takes_too_long_is_refused_with_what_to_do(unread, monkeypatch):
    fails(monkeypatch, SoftTimeLimitExceeded())
    tasks.read_micrograph(str(unread.pk))
    unread.refresh_from_db()
    assert unread.refusal == "Reading this file took too long. Try again, or crop or shrink it."


def test_a_file_that_stopped_three_workers_is_refused_and_kept(unread, media):
    for _ in range(MAX_DELIVERIES):
        claimed(unread)
        later(STALE_AFTER.total_seconds() + 1)
    tasks.read_micrograph(str(unread.pk))
    unread.refresh_from_db()
    assert unread.state == Micrograph.State.REFUSED
    assert "3 times" in unread.refusal
    assert stored_files(media) == [unread.master.name]


def test_the_attempts_survive_a_queue_and_cache_that_lose_everything(unread):
    for attempt in range(1, MAX_DELIVERIES + 1):
        assert claimed(unread).deliveries == attempt
        later(STALE_AFTER.total_seconds() + 1)
        flush()
        cache.clear()
        tasks.sweep()
        assert queue_length("ingest") == 1
    tasks.read_micrograph(str(unread.pk))
    unread.refresh_from_db()
    assert unread.state == Micrograph.State.REFUSED


def test_a_worker_that_is_told_to_stop_gives_the_reading_back_uncounted(unread, monkeypatch):
    fails(monkeypatch, SystemExit())
    with pytest.raises(SystemExit):
        tasks.read_micrograph(str(unread.pk))
    unread.refresh_from_db()
    assert unread.state == Micrograph.State.READING
    assert (unread.reading.state, unread.reading.deliveries) == (Job.State.QUEUED, 0)


def test_an_outage_on_our_side_is_tried_again_and_keeps_the_file_in_the_end(unread, media, monkeypatch):
    fails(monkeypatch, OSError("the storage is away"))
    for attempt in range(1, MAX_DELIVERIES):
        tasks.read_micrograph(str(unread.pk))
        unread.reading.refresh_from_db()
        assert (unread.reading.state, unread.reading.deliveries) == (Job.State.QUEUED, attempt)
    tasks.read_micrograph(str(unread.pk))
    unread.refresh_from_db()
    assert unread.state == Micrograph.State.REFUSED
    assert unread.reading.error_id in unread.refusal
    assert stored_files(media) == [unread.master.name]


def test_a_reading_in_this_process_takes_over_from_a_worker(unread):
    slow = claimed(unread)
    services.read_at_once(micrograph=unread)
    assert unread.state == Micrograph.State.READY
    assert not slow.heartbeat(0.5)
    assert not slow.fail("too late")
    unread.refresh_from_db()
    assert unread.state == Micrograph.State.READY


def test_the_sweep_sends_a_lost_message_again_once(unread):
    tasks.sweep()
    assert queue_length("ingest") == 0  # too young to be lost
    later(UNSENT_AFTER.total_seconds() + 1)
    tasks.sweep()
    assert queue_length("ingest") == 1
    tasks.sweep()
    assert queue_length("ingest") == 1  # its message waits


def test_the_sweep_sends_a_lost_message_again_though_the_queue_holds_others(unread, dataset, owner, png):
    later(UNSENT_AFTER.total_seconds() + 1)
    other = services.add_micrograph(dataset=dataset, file=io.BytesIO(png(1)), filename="b.png", by=owner)
    tasks.read_micrograph.delay(str(other.pk))
    tasks.sweep()
    assert queue_length("ingest") == 2


def test_a_swept_reading_whose_worker_is_gone_is_sent_though_others_wait_longer(unread, dataset, owner, png):
    lost = services.add_micrograph(dataset=dataset, file=io.BytesIO(png(1)), filename="b.png", by=owner)
    claimed(lost)
    later(STALE_AFTER.total_seconds() + 1)
    tasks.sweep()
    lost.reading.refresh_from_db()
    assert lost.reading.state == Job.State.QUEUED
    assert timezone.now() - lost.reading.enqueued_at < timedelta(seconds=10)
    assert queue_length("ingest") == 2  # and the one that waits longest


def test_sweeps_and_what_beat_calls_have_a_queue_of_their_own():
    called = {entry["task"] for entry in app.conf.beat_schedule.values()} | {"microdb.stack.tasks.continue_demo"}
    called -= {"microdb.micrographs.tasks.reread_records"}  # it reads files, so it waits with the readings
    assert {app.amqp.router.route({}, task)["queue"].name for task in called} == {"sweep"}
    assert app.amqp.router.route({}, tasks.read_micrograph.name)["queue"].name == "ingest"


def test_readings_of_different_people_wait_in_different_lanes(dataset, owner, stranger, png, media):
    for seed, by in enumerate((owner, owner, stranger)):
        one = services.add_micrograph(dataset=dataset, file=io.BytesIO(png(seed)), filename="a.png", by=by)
        tasks.enqueue_reading(one)
    lanes = {by.pk: Reading.objects.in_lane(by.pk % LANES) for by in (owner, stranger)}
    assert [rows.count() for rows in lanes.values()] == [2, 1]


def test_a_worker_takes_from_lanes_in_turn_and_serves_a_person_who_waits_before_a_batch():
    readings = FairCycle()
    readings.update([lane(0), lane(1), lane(2)])
    taken = []
    for _ in range(6):
        taken.append(readings.consume(3)[0])
        readings.rotate(taken[-1])
    assert taken == [lane(0), lane(1), lane(2)] * 2
    scores = FairCycle()
    scores.update(["score", "batch"])
    scores.rotate("score")
    assert scores.consume(2) == ["score", "batch"]


@pytest.mark.django_db(transaction=True)
def test_a_few_files_do_not_wait_until_many_of_somebody_else_were_read(dataset, owner, stranger, png, media, tmp_path):
    if owner.pk % LANES == stranger.pk % LANES:
        pytest.skip("both are in one lane")
    many = [
        services.add_micrograph(dataset=dataset, file=io.BytesIO(png(seed)), filename=f"{seed}.png", by=owner)
        for seed in range(30)
    ]
    few = services.add_micrograph(dataset=dataset, file=io.BytesIO(png(99)), filename="few.png", by=stranger)
    for one in (*many, few):
        tasks.enqueue_reading(one)
    with celery_worker("ingest", tmp_path / "worker.log"):
        wait_until(lambda: state_of(few) != Micrograph.State.READING, seconds=90, log=tmp_path / "worker.log")
        waiting = dataset.micrographs.filter(uploaded_by=owner, state=Micrograph.State.READING).count()
        wait_until(
            lambda: not dataset.micrographs.filter(state=Micrograph.State.READING).exists(),
            seconds=90,
            log=tmp_path / "worker.log",
        )
    assert waiting >= 20


def state_of(micrograph: Micrograph) -> str:
    return Micrograph.objects.get(pk=micrograph.pk).state
