"""The state machine of a job row: every move is one conditional UPDATE."""

import threading
import uuid
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection
from django.utils import timezone

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.jobs import MAX_DELIVERIES, STALE_AFTER, Job, JobCancelled, failures_stored
from microdb.micrographs.models import Dataset, DatasetVersion
from microdb.schedules import Every
from microdb.training.models import ModelVersion


@pytest.fixture
def job(dataset: Dataset, owner: User) -> ModelVersion:
    """A queued job; model versions are the plainest ones."""
    frozen = DatasetVersion.objects.create(dataset=dataset, number=1, sha256="0" * 64)
    return ModelVersion.objects.create(dataset=dataset, dataset_version=frozen, number=1, requested_by=owner)


def claimed(job: ModelVersion, **options: bool) -> ModelVersion:
    taken = ModelVersion.objects.claim(job.pk, **options)
    assert taken is not None
    return taken


def silence(job: ModelVersion) -> None:
    """Its worker was last heard of long ago."""
    ModelVersion.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - STALE_AFTER - timedelta(seconds=1))


def test_a_job_goes_from_queued_over_running_to_done(job):
    mine = claimed(job)
    assert mine.state == Job.State.RUNNING
    assert mine.started_at
    assert mine.heartbeat(0.4, "halfway, nearly")
    mine.refresh_from_db()
    assert (mine.progress, mine.progress_message) == (0.4, "halfway, nearly")
    assert mine.finish(metrics={"accuracy": 1})
    assert (mine.state, mine.progress, mine.metrics) == (Job.State.DONE, 1.0, {"accuracy": 1})
    assert mine.finished_at


def test_a_second_message_finds_a_live_job_taken(job):
    claimed(job)
    assert ModelVersion.objects.claim(job.pk) is None


def test_a_finished_job_is_never_claimed_again_not_even_when_redelivered(job):
    claimed(job).finish()
    assert ModelVersion.objects.claim(job.pk) is None
    assert ModelVersion.objects.claim(job.pk, redelivered=True) is None


def test_a_redelivered_message_takes_the_job_from_its_dead_worker(job):
    dead = claimed(job)
    mine = claimed(job, redelivered=True)
    assert mine.deliveries == 2
    assert not dead.heartbeat(0.9)
    assert not dead.finish(metrics={"written by": "the dead"})
    assert not dead.fail("the dead failed")
    mine.refresh_from_db()
    assert (mine.state, mine.metrics, mine.error) == (Job.State.RUNNING, {}, "")


def test_a_job_without_heartbeat_can_be_claimed_again(job):
    claimed(job)
    silence(job)
    assert claimed(job).deliveries == 2


def test_a_clock_that_was_set_back_stops_no_job(job):
    later = timezone.now() + timedelta(hours=1)
    claimed(job)
    ModelVersion.objects.filter(pk=job.pk).update(heartbeat_at=later)
    sent: list[int] = []
    ModelVersion.objects.all().resend(sent.append)
    assert sent == [job.pk]
    ModelVersion.objects.filter(pk=job.pk).update(enqueued_at=later)  # its message was lost
    ModelVersion.objects.all().resend(sent.append)
    assert sent == [job.pk, job.pk]
    assert claimed(job).heartbeat(0.5)
    assert ModelVersion.objects.claim(job.pk) is None


def test_a_clock_that_was_set_back_stops_no_periodic_task():
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        if isinstance(every := entry["schedule"], Every):
            assert every.is_due(timezone.now() + timedelta(hours=1)).is_due, name
            assert every.is_due(timezone.now() - timedelta(days=2)).is_due, name
            assert not every.is_due(timezone.now()).is_due, name


def test_a_claim_of_a_job_that_is_gone_finds_nothing(job):
    assert ModelVersion.objects.claim(job.pk + 1) is None


def test_a_job_that_stopped_three_workers_is_set_aside_with_a_sentence(job):
    for _ in range(MAX_DELIVERIES):
        claimed(job)
        silence(job)
    assert ModelVersion.objects.claim(job.pk) is None
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "stopped its worker 3 times" in job.error


def test_a_job_whose_worker_is_told_to_end_is_queued_again_as_if_never_delivered(job):
    for _ in range(MAX_DELIVERIES + 1):
        with pytest.raises(SystemExit), failures_stored(claimed(job)):
            raise SystemExit
        job.refresh_from_db()
        assert (job.state, job.deliveries) == (Job.State.QUEUED, 0)


def test_a_worker_that_is_told_to_end_leaves_a_job_alone_that_another_one_took(job):
    before, mine = claimed(job), claimed(job, redelivered=True)
    assert not before.hand_back()
    mine.refresh_from_db()
    assert (mine.state, mine.deliveries) == (Job.State.RUNNING, 2)


def test_a_cancelled_job_tells_its_worker_at_the_next_heartbeat_and_stays_cancelled(job):
    mine = claimed(job)
    assert ModelVersion.objects.filter(pk=job.pk).cancel() == 1
    assert not mine.heartbeat(0.5)
    assert not mine.finish()
    assert mine.state == Job.State.CANCELLED


def test_a_finished_job_cannot_be_cancelled(job):
    claimed(job).finish()
    assert ModelVersion.objects.filter(pk=job.pk).cancel() == 0
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def test_what_lost_its_worker_goes_back_to_the_queue_and_is_sent_once(job):
    sent = []
    claimed(job)
    ModelVersion.objects.all().resend(sent.append)
    assert sent == []
    silence(job)
    ModelVersion.objects.all().resend(sent.append)
    ModelVersion.objects.all().resend(sent.append)
    assert sent == [job.pk]
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_a_freshly_queued_job_is_not_taken_for_unsent(job):
    assert ModelVersion.objects.take_unsent() == []


def queued(job: ModelVersion, *ages: float) -> list[int]:
    """More queued jobs, whose messages were sent so many seconds ago, oldest first."""
    rows = []
    for number, age in enumerate(ages, start=2):
        row = ModelVersion(dataset=job.dataset, dataset_version=job.dataset_version, number=number)
        row.enqueued_at = timezone.now() - timedelta(seconds=age)
        row.save()
        rows.append(row.pk)
    return rows


def test_of_jobs_that_nobody_takes_only_the_one_that_waits_longest_is_sent_again(job):
    first, second, third = queued(job, 3600, 1800, 900)
    assert [ModelVersion.objects.take_unsent() for _ in range(4)] == [[first], [second], [third], []]


def test_jobs_are_sent_again_once_a_worker_took_one_that_was_sent_later(job):
    first, second, third, later = queued(job, 3600, 1800, 900, 600)
    assert ModelVersion.objects.claim(later)
    assert ModelVersion.objects.take_unsent() == [first, second, third]
    assert ModelVersion.objects.take_unsent() == []


def test_jobs_sent_after_the_one_that_a_worker_took_are_left_to_their_messages(job):
    first, taken, behind = queued(job, 3600, 1800, 900)
    assert ModelVersion.objects.claim(taken)
    assert ModelVersion.objects.take_unsent() == [first]
    assert ModelVersion.objects.take_unsent() == [behind]  # now the one that waits longest


def test_after_the_queue_lost_everything_two_sweeps_send_all_jobs(job):
    keys = queued(job, 3600, 3500, 3400, 3300)
    (probe,) = ModelVersion.objects.take_unsent()
    assert ModelVersion.objects.claim(probe)  # a worker is there, and nothing came before this message
    assert ModelVersion.objects.take_unsent() == [key for key in keys if key != probe]


def test_a_mistake_is_stored_in_words_and_a_bug_with_an_id_only(job):
    mine = claimed(job)
    with failures_stored(mine):
        raise MicroDBError("Give a scale.")
    assert (mine.state, mine.error, mine.error_id) == (Job.State.FAILED, "Give a scale.", "")

    ModelVersion.objects.filter(pk=job.pk).update(state=Job.State.QUEUED)
    mine = claimed(job)
    with failures_stored(mine):
        raise RuntimeError("secret detail")
    assert mine.error_id in mine.error
    assert "secret detail" not in mine.error


def test_running_out_of_time_is_told_in_words(job):
    mine = claimed(job)
    with failures_stored(mine):
        raise SoftTimeLimitExceeded
    assert "longer than the server allows" in mine.error


def test_a_stopped_job_writes_nothing(job):
    mine = claimed(job)
    ModelVersion.objects.filter(pk=job.pk).cancel()
    with failures_stored(mine):
        raise JobCancelled
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.CANCELLED, "")


def at_once(*actions) -> list[object]:
    """Run actions at the same moment, each on a connection of its own; their results in order."""
    gate, results = threading.Barrier(len(actions)), [None] * len(actions)

    def run(index: int) -> None:
        try:
            gate.wait()
            results[index] = actions[index]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[index]) for index in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_that_claim_at_once_one_gets_the_job(job):
    taken = at_once(*[lambda: ModelVersion.objects.claim(job.pk)] * 8)
    winners = [mine for mine in taken if mine is not None]
    assert len(winners) == 1
    job.refresh_from_db()
    assert (job.deliveries, job.claim_token) == (1, winners[0].claim_token)
    assert isinstance(job.claim_token, uuid.UUID)


@pytest.mark.django_db(transaction=True)
def test_of_cancelling_and_finishing_at_once_one_wins_and_the_row_agrees(job):
    for _ in range(10):
        ModelVersion.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, deliveries=0)
        mine = claimed(job)
        finished, cancelled = at_once(mine.finish, lambda: ModelVersion.objects.filter(pk=job.pk).cancel())
        assert bool(finished) != bool(cancelled)
        job.refresh_from_db()
        assert job.state == (Job.State.DONE if finished else Job.State.CANCELLED)
