"""The rows of a batch, and what all writes to batches share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.micrographs.models import Micrograph
from microdb.scoring.models import Batch, BatchItem
from microdb.scoring.services.scores import check_version
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


def empty_batch(model_version: ModelVersion, by: User | None, **about: Any) -> Batch:
    """A batch without items. Raises MicroDBError when the version isn't trained."""
    check_version(model_version)
    return Batch.objects.create(model_version=model_version, requested_by=by, **about)


def item_of(batch: Batch, position: int, given: BatchInput) -> BatchItem:
    """The row of an input, not saved."""
    return BatchItem(
        batch=batch,
        position=position,
        filename=given.filename,
        micrograph=given.micrograph,
        manifest_line=given.manifest_line,
        error="" if given.micrograph else given.error or _("This file could not be read."),
        error_code="" if given.micrograph else given.error_code or "unreadable",
    )


def add_micrographs(batch: Batch, micrographs: QuerySet[Micrograph], keys: Sequence[UUID]) -> None:
    """Add stored micrographs to an empty batch, in one statement, so that 100,000 keys take seconds."""
    found, given = micrographs.order_by().values_list("pk", "filename").query.sql_with_params()
    statement = f"""
        INSERT INTO {BatchItem._meta.db_table}
            (batch_id, position, filename, micrograph_id, error, error_code)
        SELECT %s, given.number - 1, COALESCE(found.filename, given.key::text), found.id,
               CASE WHEN found.id IS NULL THEN %s ELSE '' END, CASE WHEN found.id IS NULL THEN %s ELSE '' END
        FROM unnest(%s::uuid[]) WITH ORDINALITY AS given(key, number)
        LEFT JOIN ({found}) AS found(id, filename) ON found.id = given.key
    """  # nosec # a name of a table and Django's own SQL, whose values are parameters
    missing = (_("This dataset has no micrograph of this id."), "no_such_micrograph")
    values: list[Any] = [batch.pk, *missing, f"{{{','.join(map(str, keys))}}}", *given]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def next_position(batch: Batch) -> int:
    """Behind the last item."""
    last = batch.items.aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1


def refuse_too_many(count: int) -> None:
    """Raise MicroDBError for a batch of more than ``MOST_ITEMS``."""
    if count > MOST_ITEMS:
        raise MicroDBError(
            _("A batch has at most %(most)d micrographs; this one would have %(given)d. Send them in several batches.")
            % {"most": MOST_ITEMS, "given": count},
            code="too_many",
        )


def was_cancelled() -> MicroDBError:
    """The error for a batch that was cancelled."""
    return MicroDBError(
        _("This batch was cancelled. Make another one; what has a verdict is not scored again."), code="batch_cancelled"
    )


def record_batch(verb: Verb, batch: Batch, number: int) -> None:
    """Leave an entry in the audit log."""
    record(verb, dataset=batch.model_version.dataset, about=batch, name=str(batch.pk), number=number)
