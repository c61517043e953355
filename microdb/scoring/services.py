"""Writes to scores and batches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.scoring.models import Batch, BatchItem, BatchItemQuerySet, Conditions, Score
from microdb.training.models import ModelVersion

URGENT, PATIENT = "score", "batch"
"""The queues of scores that a person waits for, and of batches."""

ROWS_AT_ONCE = 500
NOT_READY = "not_ready"
"""Code of the error for a micrograph that is still being read."""


@dataclass(frozen=True)
class BatchInput:
    """One file of a batch: a stored micrograph, or the reason why the file became none, and its manifest's line."""

    filename: str
    micrograph: Micrograph | None = None
    error: str = ""
    manifest_line: int | None = None


@transaction.atomic
def request_score(*, model_version: ModelVersion, micrograph: Micrograph, queue: str = URGENT) -> Score:
    """The score of a micrograph under its present conditions, existing or new; the caller enqueues it.

    A live or done score is reused, since the same model and conditions give the same verdict. Raises MicroDBError when
    the version isn't trained, or the micrograph has no scale or can't be read.
    """
    _check_version(model_version)
    _check_micrograph(model_version, micrograph)
    score = _scores_of(model_version, [micrograph], queue)[micrograph.pk]
    if queue == URGENT and score.queue == PATIENT and score.state == Job.State.QUEUED:
        Score.objects.filter(pk=score.pk).update(queue=URGENT)
        score.queue = URGENT
    if score.state == Job.State.QUEUED:
        _record(Verb.SCORE_REQUESTED, score, micrograph)
    return score


@transaction.atomic
def create_batch(
    *,
    model_version: ModelVersion,
    items: Iterable[BatchInput],
    by: User | None,
    manifest: Mapping[str, Any] | None = None,
) -> Batch:
    """A batch with one item per input, in order; the caller enqueues it. ``manifest``: how one was understood.

    What can't be scored becomes an item with its reason, and what has not been read yet waits for that. Raises
    MicroDBError when the version isn't trained or there is no item.
    """
    _check_version(model_version)
    inputs = list(items)
    if not inputs:
        raise MicroDBError(_("A batch needs at least one micrograph; none was given."), code="empty")
    batch = Batch.objects.create(model_version=model_version, requested_by=by, manifest=manifest)
    record(Verb.BATCH_CREATED, dataset=model_version.dataset, about=batch, name=str(batch.pk), number=len(inputs))
    for start in range(0, len(inputs), ROWS_AT_ONCE):
        BatchItem.objects.bulk_create(_items(batch, start, inputs[start : start + ROWS_AT_ONCE]))
    return batch


@transaction.atomic
def settle_items(items: BatchItemQuerySet) -> list[Score]:
    """Give unread items whose micrograph has been read their score, or the reason why there is none.

    At most ``ROWS_AT_ONCE`` of them; the sweep goes on with the others. The caller enqueues the scores.
    """
    read = items.unread().exclude(micrograph__state=Micrograph.State.READING)
    # Somebody else who settles the same items does it for both.
    locked = read.select_for_update(of=("self",), skip_locked=True)
    found = list(locked.select_related("batch__model_version__dataset", "micrograph__dataset")[:ROWS_AT_ONCE])
    by_version = defaultdict(list)
    for item in found:
        by_version[item.batch.model_version].append(item)
    for version, own in by_version.items():
        _give_scores(version, own)
    BatchItem.objects.bulk_update(found, ["error", "score"])
    return list({item.score.pk: item.score for item in found if item.score}.values())


def cancel_score(*, score: Score) -> bool:
    """Cancel a score that has not ended; False when it had."""
    with transaction.atomic():
        cancelled = bool(Score.objects.filter(pk=score.pk).cancel())
        if cancelled:
            _record(Verb.SCORE_CANCELLED, score, score.micrograph)
    return cancelled


def cancel_batch(*, batch: Batch) -> int:
    """Cancel what a batch still waits for, except scores that someone else waits for too; returns how many."""
    with transaction.atomic():
        Batch.objects.filter(pk=batch.pk, cancelled_at=None).update(cancelled_at=timezone.now())
        unread = batch.items.unread().update(error=_("cancelled"))
        wanted_elsewhere = BatchItem.objects.filter(batch__cancelled_at=None).exclude(score=None).values("score")
        own = Score.objects.filter(batch_items__batch=batch, queue=PATIENT).exclude(pk__in=wanted_elsewhere)
        cancelled = Score.objects.filter(pk__in=own.values("pk")).cancel()
        dataset, number = batch.model_version.dataset, unread + cancelled
        record(Verb.BATCH_CANCELLED, dataset=dataset, about=batch, name=str(batch.pk), number=number)
    batch.refresh_from_db()
    return unread + cancelled


def _record(verb: Verb, score: Score, micrograph: Micrograph) -> None:
    record(verb, dataset=score.model_version.dataset, about=score, name=micrograph.filename, number=1)


def _check_version(model_version: ModelVersion) -> None:
    if model_version.state != Job.State.DONE:
        raise MicroDBError(
            _("Only a trained version can score; version %(number)d is %(state)s.")
            % {"number": model_version.number, "state": model_version.get_state_display()},
            code="not_done",
        )


def _check_micrograph(model_version: ModelVersion, micrograph: Micrograph) -> None:
    if micrograph.dataset_id != model_version.dataset_id or micrograph.trashed_at:
        raise MicroDBError(
            _("%(name)s is not in dataset %(dataset)s: give a micrograph that is.")
            % {"name": micrograph.filename, "dataset": model_version.dataset},
            code="not_in_dataset",
        )
    if micrograph.state == Micrograph.State.REFUSED:
        raise MicroDBError(micrograph.refusal, code="refused")
    if micrograph.state == Micrograph.State.READING:
        raise MicroDBError(_("This micrograph is still being read: try again in a moment."), code=NOT_READY)
    if micrograph.pixels_per_micrometre is None and not model_version.is_scale_free:
        sentence = _("This micrograph has no scale: give its pixels per micrometre, for example 10.3.")
        raise MicroDBError(f"{sentence} {micrograph.scale_note}".rstrip(), code="missing_scale")


def _scores_of(model_version: ModelVersion, micrographs: Sequence[Micrograph], queue: str) -> dict[UUID, Score]:
    """Scores by micrograph, created where there is none; concurrent requests get the same row."""
    scale_free = model_version.is_scale_free
    wanted = {one.pk: Conditions.of_today(one, scale_free=scale_free) for one in micrographs}
    found = _existing(model_version, wanted)
    if missing := wanted.keys() - found.keys():
        new = [
            Score(model_version=model_version, micrograph_id=pk, queue=queue, **vars(conditions))
            for pk, conditions in wanted.items()
            if pk in missing
        ]
        Score.objects.bulk_create(new, ignore_conflicts=True)
        found = _existing(model_version, wanted)
    return found


def _existing(model_version: ModelVersion, wanted: dict[UUID, Conditions]) -> dict[UUID, Score]:
    """Scores under the wanted conditions."""
    scores = Score.objects.live_or_done().filter(model_version=model_version, micrograph__in=list(wanted))
    return {score.micrograph_id: score for score in scores if score.conditions == wanted[score.micrograph_id]}


def _items(batch: Batch, start: int, inputs: Sequence[BatchInput]) -> list[BatchItem]:
    """The rows of one part of a batch, whose first has position ``start``."""
    items = [
        BatchItem(
            batch=batch,
            position=position,
            filename=given.filename[:255],
            micrograph=given.micrograph,
            error="" if given.micrograph else given.error or _("This file could not be read."),
            manifest_line=given.manifest_line,
        )
        for position, given in enumerate(inputs, start=start)
    ]
    _give_scores(batch.model_version, items)
    return items


def _give_scores(model_version: ModelVersion, items: Iterable[BatchItem]) -> None:
    """Give items with a micrograph their score, or the reason why there is none; an unread one gets neither yet."""
    ready = []
    for item in items:
        if item.micrograph is None:
            continue
        try:
            _check_micrograph(model_version, item.micrograph)
        except MicroDBError as error:
            item.error = "" if error.code == NOT_READY else error.message
        else:
            ready.append((item, item.micrograph))
    scores = _scores_of(model_version, [micrograph for _item, micrograph in ready], PATIENT)
    for item, micrograph in ready:
        item.score = scores[micrograph.pk]
