"""Sending the messages of trainings, learning curves and imports, and the worker's tasks."""

import hashlib
import uuid
from typing import Any

from celery import Task, shared_task
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from microdb.celery import app
from microdb.jobs import Job, failures_stored, is_redelivered
from microdb.stored_files import open_verified
from microdb.training.checkpoints import drop_checkpoints
from microdb.training.imports import drop_ended_packages, finish_import, refuse_other_dataset
from microdb.training.models import LearningCurve, ModelImport, ModelVersion
from microdb.training.package import read_package
from microdb.training.services import finish_training

QUEUE = "train"


def enqueue_training(model_version: ModelVersion) -> None:
    """Send the version's message to the queue once its row is committed."""
    train_model_version.delay_on_commit(model_version.pk)


@shared_task(bind=True)  # type: ignore[untyped-decorator] # Celery has no types
def train_model_version(self: "Task[Any, Any]", pk: int) -> None:
    """Train a queued version and store the outcome in its row."""
    version = ModelVersion.objects.claim(pk, redelivered=is_redelivered(self))
    if version is None:
        return
    with failures_stored(version):
        from microdb.training.bridge import training

        trained = training.train(version, version.heartbeat, version.show)
        digest = hashlib.sha256(trained.artifact).hexdigest()
        version.artifact.save("artifact.zip", ContentFile(trained.artifact), save=False)
        stored = {"artifact": str(version.artifact.name), "artifact_sha256": digest}
        written = False
        try:
            written = finish_training(
                model_version=version,
                outcome={**trained.fields, **stored, "live": {}},
                out_of_fold=trained.out_of_fold,
                tests=trained.tests,
            )
        finally:
            if not written:
                version.artifact.storage.delete(stored["artifact"])
    drop_checkpoints()


def enqueue_curve(curve: LearningCurve) -> None:
    """Send the curve's message to the queue once its row is committed."""
    measure_learning_curve.delay_on_commit(curve.pk)


@shared_task(bind=True)  # type: ignore[untyped-decorator] # Celery has no types
def measure_learning_curve(self: "Task[Any, Any]", pk: int) -> None:
    """Measure a queued learning curve and store it in its row."""
    curves = LearningCurve.objects.select_related("model_version__dataset", "model_version__dataset_version")
    curve = curves.claim(pk, redelivered=is_redelivered(self))
    if curve is None:
        return
    with failures_stored(curve):
        from microdb.training.bridge.curve import measure_curve

        curve.finish(result=measure_curve(curve.model_version, curve.heartbeat))


def enqueue_import(job: ModelImport) -> None:
    """Send the import's message to the queue once its row is committed."""
    import_model.delay_on_commit(job.pk)


@shared_task(bind=True)  # type: ignore[untyped-decorator] # Celery has no types
def import_model(self: "Task[Any, Any]", pk: int) -> None:
    """Check a queued import and make a version of it."""
    job = ModelImport.objects.select_related("dataset", "requested_by").claim(pk, redelivered=is_redelivered(self))
    if job is None:
        return
    with failures_stored(job):
        _import(job)
    drop_ended_packages()


def _import(job: ModelImport) -> None:
    from microdb.training.bridge.importing import imported_model

    with open_verified(job.package, job.sha256, name=job.filename) as file:
        package = read_package(file)
    job.stay_alive()
    model = imported_model(package)
    refuse_other_dataset(job.dataset, model.fields["classes"], scale_free=model.scale_free)
    name = default_storage.save(f"models/imported/{uuid.uuid4().hex}.zip", ContentFile(model.artifact))
    stored = {"artifact": name, "artifact_sha256": hashlib.sha256(model.artifact).hexdigest()}
    written = False
    try:
        written = finish_import(job=job, package=package, fields={**model.fields, **stored})
    finally:
        if not written:
            default_storage.delete(name)


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def sweep() -> None:
    """Send another message for jobs that lost their worker or message; delete what they left."""
    drop_checkpoints()
    drop_ended_packages()
    ModelVersion.objects.all().resend(train_model_version.delay)
    LearningCurve.objects.all().resend(measure_learning_curve.delay)
    ModelImport.objects.all().resend(import_model.delay)


def is_served(queue: str) -> bool:
    """Whether a worker that takes from this queue answers, or is too busy with a training to answer."""
    answers = app.control.inspect(timeout=1).active_queues() or {}
    if any(served["name"] == queue for queues in answers.values() for served in queues):
        return True
    return queue == QUEUE and ModelVersion.objects.filter(state=Job.State.RUNNING).exists()
