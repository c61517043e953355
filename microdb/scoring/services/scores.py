"""Writes to scores."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Micrograph
from microdb.scoring.models import BatchItem, Conditions, Score, ScoreQuerySet
from microdb.training.models import ModelVersion

URGENT, PATIENT = "score", "batch"
"""The queues of scores that a person waits for, and of batches."""

NOT_READY = "not_ready"
"""Code of the error for a micrograph that is still being read."""


@transaction.atomic
def request_score(*, model_version: ModelVersion, micrograph: Micrograph, queue: str = URGENT) -> Score:
    """The score of a micrograph under its present conditions, existing or new; the caller enqueues it.

    A live or done score is reused, since the same model and conditions give the same verdict. Raises MicroDBError when
    the version isn't trained, or the micrograph has no scale or can't be read.
    """
    check_version(model_version)
    check_micrograph(model_version, micrograph)
    score = scores_of(model_version, [micrograph], queue)[micrograph.pk]
    if queue == URGENT and score.queue == PATIENT and score.is_active:  # perhaps a worker holds it and has not begun
        Score.objects.active().filter(pk=score.pk).update(queue=URGENT)
        score.queue = URGENT
    if score.state == Job.State.QUEUED:
        _record(Verb.SCORE_REQUESTED, score, micrograph)
    return score


def cancel_score(*, score: Score) -> bool:
    """Cancel a score that has not ended; False when it had."""
    with transaction.atomic():
        cancelled = bool(Score.objects.filter(pk=score.pk).cancel())
        if cancelled:
            _record(Verb.SCORE_CANCELLED, score, score.micrograph)
    return cancelled


def cancel_scores(*, dataset: Dataset) -> int:
    """Cancel the dataset's scores that belong to no batch and have not ended; returns how many."""
    with transaction.atomic():
        cancelled = _loose(dataset).cancel()
        record(Verb.SCORE_CANCELLED, dataset=dataset, number=cancelled)
    return cancelled


def retry_scores(*, dataset: Dataset, since: datetime) -> list[Score]:
    """Queue the dataset's scores again that belong to no batch and have failed since then; the caller enqueues them.

    Where the same was asked for again meanwhile, the failed score stays as it is.
    """
    with transaction.atomic():
        made = Score.objects.live_or_done().filter(model_version=OuterRef("model_version"))
        again = Exists(made.filter(micrograph=OuterRef("micrograph")))
        failed = _loose(dataset).filter(~again, state=Job.State.FAILED, finished_at__gte=since)
        pair = ("model_version_id", "micrograph_id")
        newest = failed.order_by(*pair, "-created_at").distinct(*pair)
        keys = list(newest.values_list("pk", flat=True))
        Score.objects.filter(pk__in=keys).retry()
        record(Verb.SCORES_RETRIED, dataset=dataset, number=len(keys))
    return list(Score.objects.filter(pk__in=keys))


def _loose(dataset: Dataset) -> ScoreQuerySet:
    """Scores that belong to no batch."""
    of_batches = BatchItem.objects.filter(score=OuterRef("pk"))
    return Score.objects.filter(~Exists(of_batches), model_version__dataset=dataset)


def check_version(model_version: ModelVersion) -> None:
    """Raise MicroDBError for a version that is not trained."""
    if model_version.state != Job.State.DONE:
        raise MicroDBError(
            _("Only a trained version can score; version %(number)d is %(state)s.")
            % {"number": model_version.number, "state": model_version.get_state_display()},
            code="not_done",
        )


def check_micrograph(model_version: ModelVersion, micrograph: Micrograph) -> None:
    """Raise MicroDBError, with the reason, for a micrograph that the version can't score (yet)."""
    if micrograph.dataset_id != model_version.dataset_id or micrograph.trashed_at:
        raise MicroDBError(
            _("%(name)s is not in dataset %(dataset)s: give a micrograph that is.")
            % {"name": micrograph.filename, "dataset": model_version.dataset},
            code="not_in_dataset",
        )
    if micrograph.state == Micrograph.State.REFUSED:
        raise MicroDBError(micrograph.refusal, code="not_read" if micrograph.can_be_read_again else "refused")
    if micrograph.state == Micrograph.State.READING:
        raise MicroDBError(_("This micrograph is still being read: try again in a moment."), code=NOT_READY)
    if micrograph.pixels_per_micrometre is None and not model_version.is_scale_free:
        sentence = _("This micrograph has no scale: give its pixels per micrometre, for example 10.3.")
        raise MicroDBError(f"{sentence} {micrograph.scale_note}".rstrip(), code="missing_scale")


def scores_of(model_version: ModelVersion, micrographs: Sequence[Micrograph], queue: str) -> dict[UUID, Score]:
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


def _record(verb: Verb, score: Score, micrograph: Micrograph) -> None:
    record(verb, dataset=score.model_version.dataset, about=score, name=micrograph.filename, number=1)
