"""Both ends of the reading queue, and the sweep of this room."""

import logging
from typing import Any
from uuid import UUID

from celery import Task, shared_task

from microdb.jobs import failures_stored, is_redelivered
from microdb.micrographs import services
from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.models import Micrograph, Reading

SOFT_TIME_LIMIT, TIME_LIMIT = 300, 330
"""Seconds; the largest accepted image takes some tens."""
RECORDS_AT_ONCE = 20
"""Files that one message reads again; then uploads have their turn."""

logger = logging.getLogger(__name__)


def enqueue_reading(micrograph: Micrograph) -> None:
    """Send the message of a new micrograph's reading once its row is committed."""
    read_micrograph.delay_on_commit(str(micrograph.pk))


@shared_task(bind=True, soft_time_limit=SOFT_TIME_LIMIT, time_limit=TIME_LIMIT)  # type: ignore[untyped-decorator] # Celery has no types
def read_micrograph(self: "Task[Any, Any]", pk: str) -> None:
    """Read one micrograph, whose row and reading store the outcome."""
    reading = Reading.objects.select_related("micrograph").claim(pk, redelivered=is_redelivered(self))
    if reading is not None:
        with failures_stored(reading):
            services.read_micrograph(reading=reading)
    touch(Micrograph.objects.filter(pk=pk).values_list("dataset_id", flat=True))


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def sweep() -> None:
    """Send readings again that lost their worker or their message, and add up counts."""
    services.merge_counts()
    Reading.objects.all().resend(lambda pk: read_micrograph.delay(str(pk)))


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def purge_trash() -> None:
    """Delete what has been in the trash for 30 days and is not in use."""
    services.purge_trash()


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def reread_records(after: str = "") -> None:
    """Read the microscope's record of old micrographs, a few at a time; each message sends the next."""
    last = None
    for one in services.reread_records(after=UUID(after) if after else None, most=RECORDS_AT_ONCE):
        last = one.micrograph
        touch([last.dataset_id])
        if one.error:
            logger.warning("%s (%s): %s", last.filename, last.pk, one.error)
    if last is not None:
        reread_records.delay(str(last.pk))
