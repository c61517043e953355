"""Writes to model versions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, DatasetVersion
from microdb.micrographs.services import freeze_dataset
from microdb.training.models import ModelVersion, OutOfFold
from microdb.training.preflight import preflight

LARGEST_SEED = 2**31 - 1


class AlreadyTrainingError(MicroDBError):
    """The requested training is already queued or running, as ``model_version``."""

    def __init__(self, model_version: ModelVersion) -> None:
        sentence = _("Version %(number)d is being trained on exactly this already; wait for it or cancel it.")
        super().__init__(sentence % {"number": model_version.number}, code="already_training")
        self.model_version = model_version


def request_training(
    *,
    dataset: Dataset,
    by: User | None,
    seed: int = 0,
    config: dict[str, Any] | None = None,
) -> ModelVersion:
    """A queued model version of the dataset, frozen as it is now; the caller enqueues it.

    Raises MicroDBError with every reason why the dataset can't be trained on yet, AlreadyTrainingError for a training
    that has not ended.
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
        last = dataset.model_versions.aggregate(last=Max("number"))["last"] or 0
        version = ModelVersion.objects.create(
            dataset=dataset,
            dataset_version=frozen,
            number=last + 1,
            seed=seed,
            config=config or {},
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
) -> bool:
    """Store a claimed version's outcome and activate it, in one transaction; False when another worker has it."""
    with transaction.atomic():
        _lock(model_version)
        _deactivate_others(model_version)
        finished = model_version.finish(is_active=True, **outcome)
        _store_out_of_fold(model_version, out_of_fold or {})
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
