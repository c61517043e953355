"""Telling those who want to hear of it that a batch has finished."""

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from microdb.scoring.models import Batch
from microdb.webhooks.models import EventKind
from microdb.webhooks.services import record_event

BATCHES_AT_ONCE = 100


def announce_batches() -> int:
    """Record the end of finished batches, each once; returns of how many.

    No single step ends a batch: the last of its scores may be one of several that end at the same moment in different
    workers. So the sweep asks which batches wait for nothing any more.
    """
    keys = Batch.objects.finished_unannounced().values_list("pk", flat=True)[:BATCHES_AT_ONCE]
    return sum(_announce(pk) for pk in list(keys))


@transaction.atomic
def _announce(pk: UUID) -> bool:
    now = timezone.now()
    if not Batch.objects.filter(pk=pk, announced_at=None).update(announced_at=now):
        return False
    (batch,) = Batch.objects.filter(pk=pk).select_related("model_version__dataset").store_counts()
    version = batch.model_version
    slug = version.dataset.slug
    record_event(
        kind=EventKind.BATCH_FINISHED,
        dataset=version.dataset,
        subject=f"batch {batch.pk} {now.isoformat()}",
        data={
            "batch": str(batch.pk),
            "model_version": version.number,
            **batch.counts,
            "api": f"/api/v1/datasets/{slug}/batches/{batch.pk}/",
            "page": reverse("scoring:batch", args=[batch.pk]),
        },
    )
    return True
