"""Writes to batches."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.scoring.batch_manifest import rows_without_file, understood_manifest
from microdb.scoring.models import CANCELLED, Batch, BatchItem, BatchManifest, Score
from microdb.scoring.services.scores import PATIENT, check_version
from microdb.scoring.services.settling import ROWS_AT_ONCE, settle_items
from microdb.training.models import ModelVersion

MOST_ITEMS = 100_000
"""Files or stored micrographs of one batch."""


@dataclass(frozen=True)
class BatchInput:
    """One file of a batch: a stored micrograph, or the reason why the file became none, and its manifest's line."""

    filename: str
    micrograph: Micrograph | None = None
    error: str = ""
    error_code: str = ""
    manifest_line: int | None = None


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
    batch = open_batch(model_version=model_version, by=by)
    inputs = list(items)
    for start in range(0, len(inputs), ROWS_AT_ONCE):
        part = inputs[start : start + ROWS_AT_ONCE]
        BatchItem.objects.bulk_create(_item(batch, position, one) for position, one in enumerate(part, start=start))
    Batch.objects.filter(pk=batch.pk).update(manifest=manifest)
    return start_batch(batch=batch)


def open_batch(
    *,
    model_version: ModelVersion,
    by: User | None,
    pixels_per_micrometre: float | None = None,
    add_to_dataset: bool = False,
    manifest: BatchManifest | None = None,
) -> Batch:
    """A batch without items, which takes files until it is started. ``manifest`` is not saved yet.

    Raises MicroDBError when the version isn't trained, or for a wrong manifest.
    """
    check_version(model_version)
    with transaction.atomic():
        batch = Batch.objects.create(
            model_version=model_version,
            requested_by=by,
            pixels_per_micrometre=pixels_per_micrometre,
            add_to_dataset=add_to_dataset,
            manifest=understood_manifest(manifest, []) if manifest else None,
        )
        if manifest:
            manifest.batch = batch
            manifest.save(force_insert=True)
    return batch


@transaction.atomic
def add_files(*, batch: Batch, inputs: Sequence[BatchInput]) -> None:
    """Add files to an open batch. A path that it has already is replaced, so a request may be sent again.

    Raises MicroDBError when the batch is not open or would be too long.
    """
    _locked_open(batch)
    present = {item.filename: item for item in batch.items.filter(filename__in=[one.filename for one in inputs])}
    refuse_too_many(batch.items.count() + sum(one.filename not in present for one in inputs))
    position = _next_position(batch)
    items = [_item(batch, position + index, one) for index, one in enumerate(inputs)]
    for item in items:
        if there := present.get(item.filename):
            item.pk, item.position = there.pk, there.position
    changing = ["micrograph", "error", "error_code", "manifest_line"]
    BatchItem.objects.bulk_update([item for item in items if item.pk], changing)
    BatchItem.objects.bulk_create([item for item in items if not item.pk])


@transaction.atomic
def add_micrographs(*, batch: Batch, keys: Sequence[UUID], hidden: Collection[UUID] = ()) -> None:
    """Add stored micrographs to an open batch in the order given; a key that names none gets its reason.

    ``hidden`` are keys that the person may not know. Raises MicroDBError when the batch is not open or would be too
    long. One statement: 100,000 keys take seconds.
    """
    _locked_open(batch)
    refuse_too_many(batch.items.count() + len(keys))
    statement = f"""
        INSERT INTO {BatchItem._meta.db_table}
            (batch_id, position, filename, micrograph_id, error, error_code)
        SELECT %s, %s + given.number, COALESCE(found.filename, given.key::text), found.id,
               CASE WHEN found.id IS NULL THEN %s ELSE '' END, CASE WHEN found.id IS NULL THEN %s ELSE '' END
        FROM unnest(%s::uuid[]) WITH ORDINALITY AS given(key, number)
        LEFT JOIN {Micrograph._meta.db_table} AS found
            ON found.id = given.key AND found.dataset_id = %s AND found.trashed_at IS NULL
                AND found.id <> ALL(%s::uuid[])
    """
    missing = (_("This dataset has no micrograph of this id."), "no_such_micrograph")
    before = _next_position(batch) - 1
    asked, withheld = (f"{{{','.join(map(str, some))}}}" for some in (keys, hidden))
    values: list[Any] = [batch.pk, before, *missing, asked, batch.model_version.dataset_id, withheld]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


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
        raise _was_cancelled()
    _add_rows_without_file(locked)
    if not locked.items.exists():
        raise MicroDBError(_("A batch needs at least one micrograph; none was given."), code="empty")
    locked.started_at = timezone.now()
    locked.save(update_fields=["started_at", "manifest"])
    dataset, number = locked.model_version.dataset, locked.items.count()
    record(Verb.BATCH_CREATED, dataset=dataset, about=locked, name=str(locked.pk), number=number)
    settle_items(BatchItem.objects.filter(batch=locked))
    return locked


def cancel_batch(*, batch: Batch) -> int:
    """Cancel what a batch still waits for, except scores that someone else waits for too; returns how many."""
    with transaction.atomic():
        Batch.objects.filter(pk=batch.pk, cancelled_at=None).update(cancelled_at=timezone.now())
        unread = batch.items.unread().update(error=_("cancelled"), error_code=CANCELLED)
        wanted_elsewhere = BatchItem.objects.filter(batch__cancelled_at=None).exclude(score=None).values("score")
        own = Score.objects.filter(batch_items__batch=batch, queue=PATIENT).exclude(pk__in=wanted_elsewhere)
        cancelled = Score.objects.filter(pk__in=own.values("pk")).cancel()
        dataset, number = batch.model_version.dataset, unread + cancelled
        record(Verb.BATCH_CANCELLED, dataset=dataset, about=batch, name=str(batch.pk), number=number)
    batch.refresh_from_db()
    return unread + cancelled


@transaction.atomic
def retry_batch(*, batch: Batch) -> int:
    """Try again what has no verdict; what has one stays. Returns how many; the caller enqueues the batch.

    Raises MicroDBError when the batch is open or cancelled.
    """
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.cancelled_at:
        raise _was_cancelled()
    if locked.is_open:
        raise MicroDBError(_("This batch was not started yet: start it."), code="not_started")
    failed = locked.items.filter(score__state__in=[Job.State.FAILED, Job.State.CANCELLED])
    refused = locked.items.filter(score=None, micrograph__isnull=False).exclude(error="")
    tried = failed.update(score=None) + refused.update(error="", error_code="")
    if tried:
        Batch.objects.filter(pk=batch.pk).update(announced_at=None)  # its end will be news again
    return tried


def refuse_too_many(count: int) -> None:
    """Raise MicroDBError for a batch of more than ``MOST_ITEMS``."""
    if count > MOST_ITEMS:
        raise MicroDBError(
            _("A batch has at most %(most)d micrographs; this one would have %(given)d. Send them in several batches.")
            % {"most": MOST_ITEMS, "given": count},
            code="too_many",
        )


def refuse_not_open(batch: Batch) -> None:
    """Raise MicroDBError for a batch that takes no more files."""
    if batch.cancelled_at:
        raise _was_cancelled()
    if batch.started_at:
        raise MicroDBError(
            _("This batch was started and takes no more files. Make another one for them."), code="already_started"
        )


def _was_cancelled() -> MicroDBError:
    return MicroDBError(
        _("This batch was cancelled. Make another one; what has a verdict is not scored again."), code="batch_cancelled"
    )


def _locked_open(batch: Batch) -> None:
    refuse_not_open(Batch.objects.select_for_update().get(pk=batch.pk))


def _next_position(batch: Batch) -> int:
    last = batch.items.aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1


def _add_rows_without_file(batch: Batch) -> None:
    """Report each row of the batch's manifest whose file was not sent."""
    manifest = BatchManifest.objects.filter(batch=batch).first()
    if manifest is None:
        return
    sent = list(batch.items.values_list("filename", flat=True))
    batch.manifest = understood_manifest(manifest, sent)
    sentence, position = _("The manifest names this file in line %d, but it was not sent."), _next_position(batch)
    inputs = [
        BatchInput(row.filename, error=sentence % row.line, error_code="not_sent", manifest_line=row.line)
        for row in rows_without_file(manifest, sent)
    ]
    items = [_item(batch, position + index, one) for index, one in enumerate(inputs)]
    BatchItem.objects.bulk_create(items, batch_size=ROWS_AT_ONCE)


def _item(batch: Batch, position: int, given: BatchInput) -> BatchItem:
    return BatchItem(
        batch=batch,
        position=position,
        filename=given.filename,
        micrograph=given.micrograph,
        manifest_line=given.manifest_line,
        error="" if given.micrograph else given.error or _("This file could not be read."),
        error_code="" if given.micrograph else given.error_code or "unreadable",
    )
