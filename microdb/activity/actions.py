"""Cancelling work and trying it again, through the room that it belongs to."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.activity.tallies import FAILED_FOR, forget_tallies
from microdb.activity.work import Kind, Work, work_id
from microdb.errors import MicroDBError
from microdb.micrographs.services import retry_readings
from microdb.micrographs.tasks import enqueue_reading
from microdb.scoring.models import Batch
from microdb.scoring.services import cancel_batch, cancel_scores, retry_batch, retry_scores
from microdb.scoring.tasks import enqueue_batch, enqueue_score
from microdb.training.curves import cancel_curve, request_curve
from microdb.training.imports import cancel_import
from microdb.training.models import LearningCurve, ModelImport, ModelVersion
from microdb.training.services import cancel_training, request_training
from microdb.training.tasks import enqueue_curve, enqueue_training


def cancel(*, work: Work) -> None:
    """Cancel what has not ended of it. Raises MicroDBError for work that has ended or can't be cancelled."""
    if not work.can_be_cancelled:
        raise MicroDBError(
            _("“%(work)s” (%(state)s) can't be cancelled: only what trains, imports or scores and has not ended can.")
            % {"work": work.title, "state": work.get_state_display},
            code="not_cancellable",
        )
    if work.kind == Kind.TRAINING:
        cancel_training(model_version=ModelVersion.objects.get(pk=work.key))
    elif work.kind == Kind.CURVE:
        cancel_curve(curve=LearningCurve.objects.select_related("model_version__dataset").get(pk=work.key))
    elif work.kind == Kind.IMPORT:
        cancel_import(job=ModelImport.objects.select_related("dataset").get(pk=work.key))
    elif work.kind == Kind.BATCH:
        cancel_batch(batch=Batch.objects.select_related("model_version__dataset").get(pk=work.key))
    else:
        cancel_scores(dataset=work.dataset)
    forget_tallies()


def retry(*, work: Work, by: User) -> str:
    """Queue what has failed of it again; returns the id of the work that does it, since a training becomes another one.

    Raises MicroDBError where nothing can be tried again.
    """
    if not work.can_be_retried:
        raise MicroDBError(
            _("“%(work)s” (%(state)s) has nothing to try again.")
            % {"work": work.title, "state": work.get_state_display},
            code="not_retryable",
        )
    with transaction.atomic():
        again = _queued_again(work, by)
    forget_tallies()
    return again


def _queued_again(work: Work, by: User) -> str:
    if work.kind == Kind.TRAINING:
        return _train_again(ModelVersion.objects.select_related("dataset").get(pk=work.key), by)
    if work.kind == Kind.CURVE:
        version = ModelVersion.objects.select_related("dataset").get(learning_curve=work.key)
        enqueue_curve(request_curve(model_version=version, by=by))
        return work.id
    if work.kind == Kind.BATCH:
        batch = Batch.objects.select_related("model_version__dataset").get(pk=work.key)
        for micrograph in retry_batch(batch=batch):
            enqueue_reading(micrograph)
        enqueue_batch(batch)
        return work.id
    since = timezone.now() - FAILED_FOR
    if work.kind == Kind.SCORE:
        for score in retry_scores(dataset=work.dataset, since=since):
            enqueue_score(score)
    else:
        for micrograph in retry_readings(dataset=work.dataset, since=since):
            enqueue_reading(micrograph)
    return work.id


def _train_again(failed: ModelVersion, by: User) -> str:
    version = request_training(dataset=failed.dataset, by=by, seed=failed.seed, config=failed.config)
    enqueue_training(version)
    return work_id(Kind.TRAINING, version.pk)
