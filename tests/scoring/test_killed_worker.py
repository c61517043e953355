"""A worker is killed in mid-batch, with everything that it holds in memory; no score is lost or doubled."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from microdb.accounts.models import User
from microdb.celery import app, queue_length
from microdb.jobs import STALE_AFTER, Job
from microdb.scoring.batch_results import batch_items, verdict
from microdb.scoring.models import Score
from microdb.scoring.services import BatchInput, create_batch
from microdb.scoring.tasks import enqueue_batch, sweep
from microdb.training.models import ModelVersion
from tests.workers import celery_worker, kill, wait_until

FILES = 48  # a worker claims at most a quarter of them ahead, and is killed among these


@pytest.fixture
def empty_queues():
    app.control.purge()
    for queue in ("score", "batch"):
        with app.connection_for_write() as connection:
            connection.default_channel.queue_purge(queue)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_every_score_of_a_batch_is_done_exactly_once_after_its_worker_was_killed(
    trained: ModelVersion, add_drawn, owner: User, tmp_path: Path, empty_queues
):
    made = [add_drawn(label, seed) for label in ("ferrite", "pearlite") for seed in range(10, 10 + FILES // 2)]
    batch = create_batch(
        model_version=trained, items=[BatchInput(micrograph.filename, micrograph) for micrograph in made], by=owner
    )
    enqueue_batch(batch)
    log = tmp_path / "worker.log"

    with celery_worker("score,batch", log) as worker:
        wait_until(lambda: count(Job.State.DONE) >= 3, seconds=90, log=log)
        kill(worker)
    claimed = count(Job.State.RUNNING)  # the one that was being scored, and those that the worker had read ahead
    assert claimed > 1
    done_before = dict(Score.objects.filter(state=Job.State.DONE).values_list("pk", "finished_at"))
    assert 3 <= len(done_before) < FILES
    assert queue_length("batch") > 0

    with celery_worker("score,batch", log):
        a_minute_passes(claimed)
        wait_until(lambda: queue_length("batch") == 0 and count(Job.State.QUEUED) <= 1, seconds=90, log=log)
        wait_until(lambda: swept_until_done(), seconds=90, log=log)

    scores = list(Score.objects.all())
    assert len(scores) == FILES
    assert {score.micrograph_id for score in scores} == {micrograph.pk for micrograph in made}
    assert all(score.state == Job.State.DONE and score.predicted and score.saliency for score in scores)
    assert all(score.finished_at == done_before[score.pk] for score in scores if score.pk in done_before)
    assert sum(score.deliveries for score in scores) == FILES + claimed
    assert [verdict(item.score) for item in batch_items(batch)].count(None) == 0
    kept = {Path(score.saliency.name).name for score in scores}
    assert kept <= set(default_storage.listdir("saliency")[1])


def count(state: str) -> int:
    return Score.objects.filter(state=state).count()


def a_minute_passes(claimed: int) -> None:
    """For the rows whose worker is gone; those in the queue are as they were."""
    long_ago = timezone.now() - STALE_AFTER - timedelta(seconds=1)
    assert (
        Score.objects.filter(state=Job.State.RUNNING, claim_token__isnull=False).update(heartbeat_at=long_ago)
        == claimed
    )
    sweep()


def swept_until_done() -> bool:
    """What beat does every few seconds."""
    sweep()
    return count(Job.State.DONE) == FILES
