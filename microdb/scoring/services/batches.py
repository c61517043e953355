"""Writes to batches: making, starting, cancelling, trying again."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.micrographs.services import read_again
from microdb.scoring.batch_manifest import rows_without_file, understood_manifest
from microdb.scoring.models import CANCELLED, Batch, BatchItem, BatchManifest, Score
from microdb.scoring.services.items import (
    BatchInput,
    add_micrographs,
    empty_batch,
    item_of,
    next_position,
    record_batch,
    refuse_too_many,
    was_cancelled,
)
from microdb.scoring.services.scores import PATIENT
from microdb.scoring.services.settling import ROWS_AT_ONCE, settle_items
from microdb.training.models import ModelVersion


@transaction.atomic
def create_batch(
    *,
    model_version: ModelVersion,
    items: Iterable[BatchInput],
    by: User | None,
    manifest: Mapping[str, Any] | None = None,
) -> Batch:
    """A started batch with one item per input, in order; the caller enqueues it. ``manifest``: how one was understood.

    What can't be scored becomes an item with its reason, and what has not been read yet waits for that. Raises
    MicroDBError when the version isn't trained or there is no item.
    """
    batch = empty_batch(model_version, by)
    inputs = list(items)
    for start in range(0, len(inputs), ROWS_AT_ONCE):
        part = inputs[start : start + ROWS_AT_ONCE]
        BatchItem.objects.bulk_create(item_of(batch, position, one) for position, one in enumerate(part, start=start))
    Batch.objects.filter(pk=batch.pk).update(manifest=manifest)
    return start_batch(batch=batch)


@transaction.atomic
def create_batch_of(
    *, micrographs: QuerySet[Micrograph], keys: Sequence[UUID], model_version: ModelVersion, by: User, start: bool
) -> Batch:
    """A batch of stored micrographs by their keys, in the order given, started or open; the caller enqueues it.

    A key that names none of ``micrographs`` gets its reason. Raises MicroDBError as ``create_batch`` does.
    """
    refuse_too_many(len(keys))
    batch = empty_batch(model_version, by)
    add_micrographs(batch, micrographs, keys)
    if start:
        return start_batch(batch=batch)
    record_batch(Verb.BATCH_OPENED, batch, len(keys))
    return batch


@transaction.atomic
def start_batch(*, batch: Batch) -> Batch:
    """Start an open batch; one that is started already stays as it is. The caller enqueues it.

    A row of its manifest whose file was not sent becomes an item that says so. Raises MicroDBError when the batch is
    empty or cancelled.
    """
    locked = Batch.objects.select_for_update(of=("self",)).select_related("model_version__dataset").get(pk=batch.pk)
    if locked.started_at:
        return locked
    if locked.cancelled_at:
        raise was_cancelled()
    _add_rows_without_file(locked)
    count = locked.items.count()
    if not count:
        raise MicroDBError(_("A batch needs at least one micrograph; none was given."), code="empty")
    locked.started_at = timezone.now()
    locked.counts = {"total": count}
    locked.save(update_fields=["started_at", "manifest", "counts"])
    record_batch(Verb.BATCH_CREATED, locked, count)
    settle_items(BatchItem.objects.filter(batch=locked, position__lt=ROWS_AT_ONCE))  # a worker does the rest
    return locked


def cancel_batch(*, batch: Batch) -> int:
    """Cancel what a batch still waits for, except scores that someone else waits for too; returns how many."""
    with transaction.atomic():
        Batch.objects.filter(pk=batch.pk, cancelled_at=None).update(cancelled_at=timezone.now())
        unread = batch.items.unread().update(error=_("cancelled"), error_code=CANCELLED)
        wanted_elsewhere = BatchItem.objects.filter(batch__cancelled_at=None).exclude(score=None).values("score")
        own = Score.objects.filter(batch_items__batch=batch, queue=PATIENT).exclude(pk__in=wanted_elsewhere)
        cancelled = Score.objects.filter(pk__in=own.values("pk")).cancel()
        Batch.objects.filter(pk=batch.pk).store_counts()
        record_batch(Verb.BATCH_CANCELLED, batch, unread + cancelled)
    batch.refresh_from_db()
    return unread + cancelled


@transaction.atomic
def retry_batch(*, batch: Batch) -> list[Micrograph]:
    """Try again what has no verdict; what has one stays.

    Returns the micrographs that are read again, since their reading failed through no fault of their file. The caller
    enqueues these and the batch. Raises MicroDBError when the batch is open or cancelled.
    """
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.cancelled_at:
        raise was_cancelled()
    if locked.is_open:
        raise MicroDBError(_("This batch was not started yet: start it."), code="not_started")
    failed = locked.items.filter(score__state__in=[Job.State.FAILED, Job.State.CANCELLED])
    refused = locked.items.filter(score=None, micrograph__isnull=False).exclude(error="")
    unread = read_again(micrographs=Micrograph.objects.filter(pk__in=refused.values("micrograph")))
    count = failed.update(score=None) + refused.update(error="", error_code="")
    if count:
        Batch.objects.filter(pk=batch.pk).update(announced_at=None)  # its end will be news again
    record_batch(Verb.BATCH_RETRIED, locked, count)
    return unread


def _add_rows_without_file(batch: Batch) -> None:
    """Report each row of the batch's manifest whose file was not sent."""
    manifest = BatchManifest.objects.filter(batch=batch).first()
    if manifest is None:
        return
    sent = list(batch.items.values_list("filename", flat=True))
    batch.manifest = understood_manifest(manifest, sent)
    sentence, position = _("The manifest names this file in line %d, but it was not sent."), next_position(batch)
    inputs = [
        BatchInput(row.filename, error=sentence % row.line, error_code="not_sent", manifest_line=row.line)
        for row in rows_without_file(manifest, sent)
    ]
    items = [item_of(batch, position + index, one) for index, one in enumerate(inputs)]
    BatchItem.objects.bulk_create(items, batch_size=ROWS_AT_ONCE)
