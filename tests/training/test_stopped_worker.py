"""A worker is stopped or killed in mid-training; the next one takes the training up."""

import json
import re
import signal
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from microdb.celery import app, queue_length
from microdb.jobs import STALE_AFTER, Job
from microdb.micrographs.models import Dataset
from microdb.training.checkpoints import checkpoint_folder
from microdb.training.models import ModelVersion
from microdb.training.services import request_training
from microdb.training.tasks import QUEUE, enqueue_training, train_model_version
from tests.trained import TINY
from tests.workers import celery_worker, wait_until


def trains_for(steps: int) -> None:
    """In one go: with held-out specimens the steps would be counted twice."""
    Path(settings.CLASSIFIER_CONFIG).write_text(json.dumps(TINY | {"steps": steps, "held_out": 0.0}))


@pytest.mark.django_db(transaction=True)
def test_a_stopped_training_begins_again_with_the_next_worker_and_is_not_blamed(drawn: Dataset, tmp_path: Path):
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge(QUEUE)
    version = request_training(dataset=drawn, by=drawn.created_by)
    enqueue_training(version)
    log = tmp_path / "worker.log"

    trains_for(1_000_000)
    with celery_worker(QUEUE, log) as worker:
        wait_until(lambda: look(version).progress > 0, seconds=90, log=log)
        worker.send_signal(signal.SIGQUIT)
        worker.wait(timeout=30)
    assert (look(version).state, version.deliveries) == (Job.State.QUEUED, 0)
    assert queue_length(QUEUE) == 1

    trains_for(TINY["steps"])
    with celery_worker(QUEUE, log):
        wait_until(lambda: look(version).has_ended, seconds=90, log=log)
    assert (version.state, version.deliveries) == (Job.State.DONE, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_the_training_of_a_killed_worker_goes_on_where_it_was(drawn: Dataset, tmp_path: Path):
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge(QUEUE)
    version = request_training(dataset=drawn, by=drawn.created_by)
    enqueue_training(version)
    log = tmp_path / "worker.log"

    trains_for(800)
    with celery_worker(QUEUE, log):
        wait_until(lambda: step_of(version) > 150, seconds=90, log=log)
    before = step_of(version)
    assert list(checkpoint_folder(version).iterdir())

    ModelVersion.objects.filter(pk=version.pk).update(heartbeat_at=timezone.now() - 2 * STALE_AFTER)
    ModelVersion.objects.filter(pk=version.pk).update(progress_message="")
    train_model_version.delay(version.pk)
    with celery_worker(QUEUE, log):
        wait_until(lambda: step_of(version) > 0, seconds=90, log=log)
        assert step_of(version) > before / 2
        wait_until(lambda: look(version).has_ended, seconds=90, log=log)
        wait_until(lambda: not checkpoint_folder(version).exists(), seconds=30, log=log)
    assert (version.state, version.deliveries) == (Job.State.DONE, 2)


def step_of(version: ModelVersion) -> int:
    """The step that the training's message names, 0 where it names none."""
    found = re.search(r"step (\d+) of", look(version).progress_message)
    return int(found[1]) if found else 0


def look(version: ModelVersion) -> ModelVersion:
    version.refresh_from_db()
    return version
