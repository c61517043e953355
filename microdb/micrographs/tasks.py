"""Reading micrographs in the background."""

from datetime import timedelta

from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.celery import queue_length
from microdb.jobs import MAX_DELIVERIES
from microdb.micrographs import services
from microdb.micrographs.models import Micrograph

UNSENT_AFTER = timedelta(seconds=20)
"""A micrograph that waits longer than this beside an empty queue has lost its message."""

SOFT_TIME_LIMIT, TIME_LIMIT = 300, 330
"""Seconds; the largest accepted image takes some tens."""


def enqueue_reading(micrograph: Micrograph) -> None:
    read_micrograph.delay_on_commit(str(micrograph.pk))


@shared_task(bind=True, soft_time_limit=SOFT_TIME_LIMIT, time_limit=TIME_LIMIT)
def read_micrograph(self: Task, pk: str) -> None:
    """Decode one micrograph; a message that comes again while a worker is at it does nothing."""
    micrograph = Micrograph.objects.filter(pk=pk, state=Micrograph.State.READING).first()
    redelivered = bool(self.request.delivery_info and self.request.delivery_info.get("redelivered"))
    lock = f"reading-{pk}"
    if micrograph is None or not (cache.add(lock, True, timeout=TIME_LIMIT) or redelivered):
        return
    if _attempts(pk) > MAX_DELIVERIES:
        refusal = _("Reading this file stopped its worker %d times. Save it in another way.") % MAX_DELIVERIES
        services.refuse_micrograph(micrograph=micrograph, refusal=refusal)
        return
    try:
        services.read_micrograph(micrograph=micrograph)
    except SoftTimeLimitExceeded:
        services.refuse_micrograph(
            micrograph=micrograph, refusal=_("Reading this file took too long. Crop or shrink it.")
        )
    finally:
        cache.delete(lock)


@shared_task
def sweep() -> None:
    """Send again what waits without a message, for example after the queue lost its memory; add counts up."""
    services.compact_tally()
    waiting = Micrograph.objects.filter(state=Micrograph.State.READING, created_at__lt=timezone.now() - UNSENT_AFTER)
    if queue_length("ingest") == 0:
        for pk in waiting.values_list("pk", flat=True)[:1000]:
            read_micrograph.delay(str(pk))


@shared_task
def purge_trash() -> None:
    """Delete what was in the trash for 30 days and nothing rests on."""
    services.purge_trash()


def _attempts(pk: str) -> int:
    """How often reading this micrograph was begun, this time included."""
    key = f"attempts-to-read-{pk}"
    cache.add(key, 0, timeout=86_400)
    return cache.incr(key)
