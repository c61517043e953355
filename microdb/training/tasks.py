"""The training queue: sending messages, and the worker's tasks."""

import hashlib
from typing import Any

from celery import Task, shared_task
from django.core.files.base import ContentFile

from microdb.celery import app
from microdb.jobs import Job, failures_stored, is_redelivered
from microdb.training.checkpoints import drop_checkpoints
from microdb.training.models import ModelVersion
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
                model_version=version, outcome={**trained.fields, **stored, "live": {}}, out_of_fold=trained.out_of_fold
            )
        finally:
            if not written:
                version.artifact.storage.delete(stored["artifact"])
    drop_checkpoints()


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def sweep() -> None:
    """Send another message for trainings that lost their worker or message; delete old checkpoints."""
    drop_checkpoints()
    ModelVersion.objects.all().resend(train_model_version.delay)


def is_served(queue: str) -> bool:
    """Whether a worker that takes from this queue answers, or is too busy with a training to answer."""
    answers = app.control.inspect(timeout=1).active_queues() or {}
    if any(served["name"] == queue for queues in answers.values() for served in queues):
        return True
    return queue == QUEUE and ModelVersion.objects.filter(state=Job.State.RUNNING).exists()
