"""The description of micrographs: sending messages, and the worker's tasks."""

from typing import Any

from celery import Task, shared_task
from django.utils.translation import gettext as _

from microdb.jobs import failures_stored, is_redelivered
from microdb.similar.models import Describing
from microdb.similar.services import Described, store_descriptors
from microdb.training.models import ModelVersion

AT_ONCE = 16
"""Micrographs that one message describes: a few seconds, after which the scores that people wait for come first."""


@shared_task(bind=True)  # type: ignore[untyped-decorator] # Celery has no types
def describe(self: "Task[Any, Any]", pk: int) -> None:
    """Describe the next micrographs of a version, and send another message where more are left."""
    job = Describing.objects.select_related("model_version__dataset").claim(pk, redelivered=is_redelivered(self))
    if job is None:
        return
    with failures_stored(job):
        if _describe_next(job):
            job.hand_back()
            describe.delay(pk)
        else:
            job.finish()


def _describe_next(job: Describing) -> bool:
    """Whether more may be left."""
    from microdb.training.bridge import describing

    # Before the query, so that what comes during it is wanted again.
    Describing.objects.filter(pk=job.pk).update(wanted=False)
    left = job.missing().count()
    job.progress_message = _("%d micrographs left") % left
    portion = list(job.missing()[:AT_ONCE])
    vectors = describing.describe(job.model_version, portion, job.stay_alive)
    described = [
        Described(micrograph, vector, trained_on=micrograph.trained_on)  # type: ignore[attr-defined] # annotated
        for micrograph, vector in zip(portion, vectors, strict=True)
    ]
    store_descriptors(model_version=job.model_version, described=described)
    return left > len(portion)


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def sweep() -> None:
    """Begin with versions that became active, go on where there is more to describe, resend what was lost."""
    versions = ModelVersion.objects.filter(is_active=True, describing=None, dataset__trashed_at=None).only("pk")
    new = [Describing(model_version=version) for version in versions]
    Describing.objects.bulk_create(new, ignore_conflicts=True)
    for pk in [*(job.pk for job in new), *Describing.objects.queue_again()]:
        describe.delay(pk)
    Describing.objects.resend(describe.delay)
