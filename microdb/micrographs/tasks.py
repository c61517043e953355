"""Both ends of the reading queue, and the sweep of this room."""

import logging
from functools import partial
from typing import Any
from uuid import UUID

from celery import Task, shared_task
from django.dispatch import receiver

from microdb.celery import LANES, lane
from microdb.jobs import failures_stored, is_redelivered
from microdb.micrographs import services
from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.models import Lettering, Micrograph, Reading, Upload, lettering_found, reading_ended
from microdb.micrographs.uploads.parts import WholePart

SOFT_TIME_LIMIT, TIME_LIMIT = 300, 330
"""Seconds; the largest accepted image takes some tens."""
RECORDS_AT_ONCE = 20
"""Files that one message reads again; then uploads have their turn."""

logger = logging.getLogger(__name__)


def enqueue_reading(micrograph: Micrograph) -> None:
    """Send the message of an unread micrograph's reading once its row is committed."""
    if micrograph.state == Micrograph.State.READING:
        queue = lane((micrograph.uploaded_by_id or 0) % LANES)
        read_micrograph.apply_async_on_commit(args=[str(micrograph.pk)], queue=queue)


@shared_task(bind=True, soft_time_limit=SOFT_TIME_LIMIT, time_limit=TIME_LIMIT)  # type: ignore[untyped-decorator] # Celery has no types
def read_micrograph(self: "Task[Any, Any]", pk: str) -> None:
    """Read one micrograph, whose row and reading store the outcome."""
    reading = Reading.objects.select_related("micrograph").claim(pk, redelivered=is_redelivered(self))
    if reading is not None:
        with failures_stored(reading):
            services.read_micrograph(reading=reading)
        reading_ended.send(Reading, micrograph_id=reading.pk)
    touch(Micrograph.objects.filter(pk=pk).values_list("dataset_id", flat=True))


@receiver(lettering_found)
def enqueue_lettering(micrograph_id: UUID, **_: Any) -> None:
    """Send the message of a lettering once its row is committed."""
    read_lettering.apply_async_on_commit(args=[str(micrograph_id)])


@shared_task(bind=True, soft_time_limit=SOFT_TIME_LIMIT, time_limit=TIME_LIMIT)  # type: ignore[untyped-decorator] # Celery has no types
def read_lettering(self: "Task[Any, Any]", pk: str) -> None:
    """Read the length at one micron bar; the row stores the outcome."""
    lettering = Lettering.objects.select_related("micrograph").claim(pk, redelivered=is_redelivered(self))
    if lettering is not None:
        with failures_stored(lettering):
            services.read_lettering(lettering=lettering)


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def sweep() -> None:
    """Send readings again that lost their worker or their message, store abandoned uploads, and add up counts."""
    services.merge_counts()
    Lettering.objects.resend(lambda pk: read_lettering.delay(str(pk)))
    for number in range(LANES):
        Reading.objects.in_lane(number).resend(partial(_send, lane(number)))
    for key in services.abandoned_uploads():
        store_upload.delay(str(key))


def _send(queue: str, pk: Any) -> None:
    read_micrograph.apply_async(args=[str(pk)], queue=queue)


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def store_upload(pk: str) -> None:
    """Store a whole upload whose web process was killed."""
    upload = Upload.objects.whole().select_related("dataset", "by").filter(pk=pk).first()
    if upload is not None:
        services.settle(upload=upload, store=store_to_be_read)


def store_to_be_read(upload: Upload, part: WholePart) -> Micrograph:
    """Make a whole upload a micrograph of its dataset, and send the message of its reading once that is committed."""
    micrograph = services.store_in_dataset(upload, part)
    enqueue_reading(micrograph)
    return micrograph


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def purge_trash() -> None:
    """Delete what has been in the trash for 30 days and is not in use, and uploads that expired."""
    services.purge_trash()
    services.purge_uploads()


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def start_rereading() -> None:
    """Let the workers that read uploads read old records too."""
    reread_records.delay()


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
