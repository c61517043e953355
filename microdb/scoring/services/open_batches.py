"""Writes to open batches, which take files until they are started."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.scoring.batch_manifest import understood_manifest
from microdb.scoring.models import Batch, BatchItem, BatchManifest
from microdb.scoring.services.items import (
    BatchInput,
    empty_batch,
    item_of,
    next_position,
    record_batch,
    refuse_too_many,
    was_cancelled,
)
from microdb.training.models import ModelVersion


def open_batch(
    *,
    model_version: ModelVersion,
    by: User | None,
    pixels_per_micrometre: float | None = None,
    add_to_dataset: bool = False,
    manifest: BatchManifest | None = None,
    client_key: str = "",
) -> Batch:
    """A batch without items, which takes files until it is started. ``manifest`` is not saved yet.

    With the ``client_key`` of a batch that the same person has made and not cancelled, that one, as it is now. Raises
    MicroDBError when the version isn't trained, for a wrong manifest, or if that batch has other options.
    """
    about = {"pixels_per_micrometre": pixels_per_micrometre, "add_to_dataset": add_to_dataset}
    with transaction.atomic():
        if by and client_key and (there := _of_key(model_version, by, client_key)):
            _refuse_other_options(there, about)
            return there
        understood = understood_manifest(manifest, []) if manifest else None
        batch = empty_batch(model_version, by, manifest=understood, client_key=client_key, **about)
        if manifest:
            manifest.batch = batch
            manifest.save(force_insert=True)
        record_batch(Verb.BATCH_OPENED, batch, 0)
    return batch


@transaction.atomic
def add_files(*, batch: Batch, inputs: Sequence[BatchInput]) -> None:
    """Add files to an open batch. A path that it has already is replaced, so a request may be sent again.

    Raises MicroDBError when the batch is not open or would be too long.
    """
    _locked_open(batch)
    present = {item.filename: item for item in batch.items.filter(filename__in=[one.filename for one in inputs])}
    refuse_too_many(batch.items.count() + sum(one.filename not in present for one in inputs))
    position = next_position(batch)
    items = [item_of(batch, position + index, one) for index, one in enumerate(inputs)]
    for item in items:
        if there := present.get(item.filename):
            item.pk, item.position = there.pk, there.position
    changing = ["micrograph", "error", "error_code", "manifest_line"]
    BatchItem.objects.bulk_update([item for item in items if item.pk], changing)
    BatchItem.objects.bulk_create([item for item in items if not item.pk])
    record_batch(Verb.BATCH_FILLED, batch, len(inputs))


def _of_key(model_version: ModelVersion, by: User, client_key: str) -> Batch | None:
    """The batch of this key; until the transaction ends, no other request of this person makes one."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    same = Batch.objects.filter(model_version=model_version, requested_by=by, client_key=client_key)
    return same.filter(cancelled_at=None).first()


def _refuse_other_options(batch: Batch, wanted: dict[str, Any]) -> None:
    if any(getattr(batch, name) != value for name, value in wanted.items()):
        raise MicroDBError(
            _("You have a batch of this client_key with other options. Send another key, or the options as they were."),
            code="client_key_reused",
        )


def refuse_not_open(batch: Batch) -> None:
    """Raise MicroDBError for a batch that takes no more files."""
    if batch.cancelled_at:
        raise was_cancelled()
    if batch.started_at:
        raise MicroDBError(
            _("This batch was started and takes no more files. Make another one for them."), code="already_started"
        )


def _locked_open(batch: Batch) -> None:
    refuse_not_open(Batch.objects.select_for_update().get(pk=batch.pk))
