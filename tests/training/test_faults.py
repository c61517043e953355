"""Learning curves and imports whose worker, message or file is lost: the row says what happened, and goes on."""

import io
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from microdb.celery import app, queue_length
from microdb.jobs import MAX_DELIVERIES, STALE_AFTER, UNSENT_AFTER, Job
from microdb.micrographs.models import Dataset
from microdb.micrographs.services import freeze_dataset
from microdb.training import imports
from microdb.training.curves import request_curve
from microdb.training.models import LearningCurve, ModelImport, ModelVersion
from microdb.training.package import write_package
from microdb.training.tasks import enqueue_curve, import_model, measure_learning_curve, sweep
from tests.training.test_curve import QUICK
from tests.workers import celery_worker, wait_until


@pytest.fixture
def job(trained: ModelVersion) -> ModelImport:
    packed = write_package(trained)
    return imports.request_import(
        dataset=trained.dataset, file=io.BytesIO(packed), filename="model.zip", size=len(packed), by=None
    )


@pytest.fixture
def curve(trained: ModelVersion) -> LearningCurve:
    trained.config = {"recipe": "pretrained"}
    trained.save()
    return request_curve(model_version=trained, by=None)


def lose_the_worker(row: Any) -> None:
    """It was claimed and its worker is gone for long."""
    type(row).objects.filter(pk=row.pk).update(
        state=Job.State.RUNNING, deliveries=MAX_DELIVERIES, heartbeat_at=timezone.now() - 2 * STALE_AFTER
    )


def test_an_import_that_stops_its_workers_is_set_aside_in_words_without_its_file(job: ModelImport):
    lose_the_worker(job)
    import_model(job.pk)
    sweep()
    job.refresh_from_db()
    assert (job.state, job.package.name) == (Job.State.FAILED, "")
    assert "stopped its worker 3 times and was set aside" in job.error


def test_a_curve_that_stops_its_workers_is_set_aside_in_words(curve: LearningCurve):
    lose_the_worker(curve)
    measure_learning_curve(curve.pk)
    curve.refresh_from_db()
    assert curve.state == Job.State.FAILED
    assert "stopped its worker 3 times and was set aside" in curve.error


def test_a_zip_that_the_storage_altered_is_said_to_be_so(job: ModelImport):
    with default_storage.open(job.package.name, "ab") as file:
        file.write(b"!")
    import_model(job.pk)
    job.refresh_from_db()
    assert "model.zip was altered in the server's storage" in job.error


def test_a_zip_that_the_storage_lost_is_said_to_be_missing(job: ModelImport):
    default_storage.delete(job.package.name)
    import_model(job.pk)
    job.refresh_from_db()
    assert "model.zip is missing from the server's storage" in job.error


def test_messages_that_valkey_lost_are_sent_again(job: ModelImport, curve: LearningCurve):
    """No message was ever sent here, as if Valkey was emptied after it was."""
    with app.connection_for_write() as connection:
        for queue in ("train", "score"):
            connection.default_channel.queue_purge(queue)
    long_ago = timezone.now() - UNSENT_AFTER - timedelta(seconds=1)
    for row in (job, curve):
        type(row).objects.update(enqueued_at=long_ago)
    sweep()
    assert (queue_length("train"), queue_length("score")) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_curve_of_a_killed_worker_is_measured_by_the_next_one(drawn: Dataset, tmp_path: Path):
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge("train")
    version = finished_version(drawn, {"triplets": {"steps": 200_000}})
    curve = request_curve(model_version=version, by=None)
    enqueue_curve(curve)
    log = tmp_path / "worker.log"
    with celery_worker("train", log):
        wait_until(lambda: look(curve).progress > 0.5, seconds=120, log=log)
    assert (look(curve).state, curve.deliveries) == (Job.State.RUNNING, 1)

    ModelVersion.objects.filter(pk=version.pk).update(config={**version.config, "triplets": {"steps": 5}})
    LearningCurve.objects.filter(pk=curve.pk).update(heartbeat_at=timezone.now() - 2 * STALE_AFTER)
    measure_learning_curve.delay(curve.pk)
    with celery_worker("train", log):
        wait_until(lambda: not look(curve).is_active, seconds=120, log=log)
    assert (curve.state, curve.error, curve.deliveries) == (Job.State.DONE, "", 2)


@pytest.mark.django_db(transaction=True)
def test_a_curve_whose_worker_is_told_to_stop_waits_for_the_next_one_unblamed(drawn: Dataset, tmp_path: Path):
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge("train")
    version = finished_version(drawn, {"triplets": {"steps": 200_000}})
    curve = request_curve(model_version=version, by=None)
    enqueue_curve(curve)
    log = tmp_path / "worker.log"
    with celery_worker("train", log) as worker:
        wait_until(lambda: look(curve).progress > 0.5, seconds=120, log=log)
        worker.send_signal(signal.SIGQUIT)
        worker.wait(timeout=30)
    assert (look(curve).state, curve.deliveries) == (Job.State.QUEUED, 0)


def finished_version(dataset: Dataset, config: dict[str, Any]) -> ModelVersion:
    """As if it was trained with these settings."""
    return ModelVersion.objects.create(
        dataset=dataset,
        dataset_version=freeze_dataset(dataset=dataset),
        number=1,
        classes=["ferrite", "pearlite"],
        state=Job.State.DONE,
        config={**QUICK, **config},
    )


def look(curve: LearningCurve) -> LearningCurve:
    curve.refresh_from_db()
    return curve
