"""Writes to model versions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.curation.split_proposal import propose_split
from microdb.micrographs.models import Dataset, DatasetVersion, Split
from microdb.micrographs.services import freeze_dataset, set_split
from microdb.micrographs.services.splitting import apply_split
from microdb.training.models import ModelVersion, NoneOfTheseTest, OutOfFold
from microdb.training.none_of_these import Tests, tests_of
from microdb.training.preflight import preflight, unsplit_micrographs

LARGEST_SEED = 2**31 - 1
HELD_OUT_SHARE = 0.25
"""Of each class, set aside for the quiz before a first training."""


class AlreadyTrainingError(MicroDBError):
    """The requested training is already queued or running, as ``model_version``."""

    def __init__(self, model_version: ModelVersion) -> None:
        sentence = _("Version %(number)d is being trained on exactly this already; wait for it or cancel it.")
        super().__init__(sentence % {"number": model_version.number}, code="already_training")
        self.model_version = model_version


class NothingChangedError(MicroDBError):
    """The requested training would give the model of a version that is there; with ``other_seed`` it would not."""

    def __init__(self, same: ModelVersion, other_seed: int) -> None:
        sentence = _(
            "Nothing has changed since version %(number)d: the same micrographs, settings and seed give the same "
            "model. Train with another seed, such as %(seed)d, to see how much is chance."
        )
        super().__init__(sentence % {"number": same.number, "seed": other_seed}, code="nothing_changed")
        self.other_seed = other_seed


@transaction.atomic
def put_into_splits(*, dataset: Dataset, by: User, hold_out: bool, with_unsplit: bool) -> None:
    """Before a training: where nothing is split yet, ``hold_out`` sets a quarter of each class aside for the quiz by
    specimen; ``with_unsplit`` trains on what is labelled and in neither split."""
    if hold_out and not any(cell["split"] for cell in dataset.micrograph_counts.counted("split")):
        apply_split(proposal=propose_split(dataset, quiz_share=HELD_OUT_SHARE, seed=0), by=by)
    if with_unsplit:
        set_split(micrographs=unsplit_micrographs(dataset), split=Split.TRAIN, by=by)


def request_training(
    *,
    dataset: Dataset,
    by: User | None,
    seed: int = 0,
    config: dict[str, Any] | None = None,
) -> ModelVersion:
    """A queued model version of the dataset, frozen as it is now; the caller enqueues it.

    Raises MicroDBError with every reason why the dataset can't be trained on yet, and where a version has been trained
    on exactly this; AlreadyTrainingError for a training that has not ended.
    """
    if not 0 <= seed <= LARGEST_SEED:
        sentence = _("The seed must be a whole number from 0 to %(most)d; %(given)d was given.")
        raise MicroDBError(sentence % {"most": LARGEST_SEED, "given": seed}, code="bad_seed")
    with transaction.atomic():
        Dataset.objects.select_for_update().get(pk=dataset.pk)
        if problems := preflight(dataset).problems:
            raise MicroDBError(" ".join(problem.sentence for problem in problems), code="not_trainable")
        frozen = freeze_dataset(dataset=dataset)
        _refuse_double_training(frozen, seed, config or {})
        _refuse_unchanged(frozen, seed, config or {})
        last = dataset.model_versions.aggregate(last=Max("number"))["last"] or 0
        version = ModelVersion.objects.create(
            dataset=dataset,
            dataset_version=frozen,
            number=last + 1,
            seed=seed,
            config=config or {},
            asked=config or {},
            classes=list(dataset.material_classes.order_by("position").values_list("name", flat=True)),
            requested_by=by,
        )
        _record(Verb.TRAINING_REQUESTED, version, seed=seed)
        return version


def cancel_training(*, model_version: ModelVersion) -> bool:
    """Cancel a version that has not ended; False when it had."""
    with transaction.atomic():
        cancelled = bool(ModelVersion.objects.filter(pk=model_version.pk).cancel())
        if cancelled:
            _record(Verb.TRAINING_CANCELLED, model_version)
    model_version.refresh_from_db()
    return cancelled


def activate(*, model_version: ModelVersion) -> None:
    """Make a trained version the one that scores. Raises MicroDBError for any other version."""
    with transaction.atomic():
        _lock(model_version)
        model_version.refresh_from_db()
        if model_version.state != Job.State.DONE:
            raise MicroDBError(
                _("Only a trained version can be active; version %(number)d is %(state)s.")
                % {"number": model_version.number, "state": model_version.get_state_display()},
                code="not_done",
            )
        _deactivate_others(model_version)
        ModelVersion.objects.filter(pk=model_version.pk).update(is_active=True)
        _record(Verb.MODEL_ACTIVATED, model_version)
    model_version.refresh_from_db()


def record_export(*, model_version: ModelVersion) -> None:
    """Note that a version was taken away."""
    _record(Verb.MODEL_EXPORTED, model_version)


def scoring_version(*, dataset: Dataset, number: int | None = None) -> ModelVersion:
    """The version of this number, or the active one. Raises MicroDBError when there is none (yet)."""
    versions = ModelVersion.objects.filter(dataset=dataset).select_related("dataset")
    if number is not None:
        if chosen := versions.filter(number=number).first():
            return chosen
        sentence = _("%(dataset)s has no model version %(number)d.") % {"dataset": dataset, "number": number}
        raise MicroDBError(sentence, code="no_such_version")
    if active := versions.filter(is_active=True).first():
        return active
    raise MicroDBError(
        _("You can't score micrographs yet because this dataset has no trained model. Train one first."),
        code="no_active_version",
    )


def finish_training(
    *,
    model_version: ModelVersion,
    outcome: dict[str, Any],
    out_of_fold: Mapping[UUID, Mapping[str, float]] | None = None,
    tests: Tests | None = None,
) -> bool:
    """Store a claimed version's outcome and activate it, in one transaction; False when another worker has it."""
    with transaction.atomic():
        _lock(model_version)
        _deactivate_others(model_version)
        finished = model_version.finish(is_active=True, **outcome)
        _store_out_of_fold(model_version, out_of_fold or {})
        NoneOfTheseTest.objects.bulk_create(tests_of(model_version, tests or {}), batch_size=5000)
        _record(Verb.TRAINING_FINISHED, model_version, requested_by=model_version.requested_by)
        if not finished:
            transaction.set_rollback(True)
    return finished


def _store_out_of_fold(version: ModelVersion, found: Mapping[UUID, Mapping[str, float]]) -> None:
    labels = dict(version.dataset_version.entries.filter(micrograph__in=found).values_list("micrograph", "label"))
    rows = (OutOfFold.answered(version, pk, labels[pk], probabilities) for pk, probabilities in found.items())
    OutOfFold.objects.bulk_create(rows, batch_size=5000)


def _record(verb: Verb, version: ModelVersion, **details: Any) -> None:
    record(verb, about=version, name=str(version.number), **details)


def _lock(model_version: ModelVersion) -> None:
    """Two versions of a dataset must not become active at once."""
    Dataset.objects.select_for_update().get(pk=model_version.dataset_id)


def _deactivate_others(model_version: ModelVersion) -> None:
    others = ModelVersion.objects.filter(dataset=model_version.dataset_id, is_active=True)
    others.exclude(pk=model_version.pk).update(is_active=False)


def _refuse_double_training(frozen: DatasetVersion, seed: int, config: dict[str, Any]) -> None:
    """Refuse a second training of the same version, seed and settings, which is a double click."""
    running = ModelVersion.objects.active().filter(dataset_version=frozen, seed=seed, config=config).first()
    if running:
        raise AlreadyTrainingError(running)


def _refuse_unchanged(frozen: DatasetVersion, seed: int, config: dict[str, Any]) -> None:
    """Refuse a training that would give a model that is there."""
    same = _trained_alike(frozen, config).filter(seed=seed).order_by("-number").first()
    if same:
        raise NothingChangedError(same, _unused_seed(frozen, config))


def _trained_alike(frozen: DatasetVersion, config: dict[str, Any]) -> QuerySet[ModelVersion]:
    """The versions that were trained here on the same micrographs with the same settings."""
    return ModelVersion.objects.filter(dataset_version=frozen, state=Job.State.DONE, asked=config, imported={})


def _unused_seed(frozen: DatasetVersion, config: dict[str, Any]) -> int:
    """The lowest seed of which there is no such version."""
    used = set(_trained_alike(frozen, config).values_list("seed", flat=True))
    return next(seed for seed in range(len(used) + 1) if seed not in used)
