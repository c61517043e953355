"""Writes to imports: the zip of a version that was trained elsewhere becomes a version of a dataset."""

from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.hashing import file_sha256
from microdb.jobs import Job
from microdb.micrographs.models import Dataset
from microdb.micrographs.services import freeze_dataset
from microdb.training.descriptor_map.figure import map_figure
from microdb.training.descriptor_map.shown import shown_map
from microdb.training.descriptor_map.tables import class_rows, micrograph_rows
from microdb.training.model_card import model_card
from microdb.training.models import ModelImport, ModelVersion
from microdb.training.package import MOST_PACKED, Package

MOST_NAME = 200
LATEST = 5
"""Imports that a page lists."""
LARGE = ("model_version__descriptor_map", "model_version__metrics", "model_version__config")
MOST_POINTS = 50_000
"""Of a descriptor map."""
UNREADABLE = (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError, ValidationError)
"""What pages raise on metrics that no training makes."""


def request_import(*, dataset: Dataset, file: IO[bytes], filename: str, size: int, by: User | None) -> ModelImport:
    """A queued import of a file that nobody has opened yet; the caller enqueues it.

    Raises MicroDBError for a file that is empty or too large to be a model.
    """
    if not 0 < size <= MOST_PACKED:
        sentence = _("A model is a zip of at most %(most).0f MB; %(name)s has %(size).1f MB.")
        details = {"most": MOST_PACKED / 1e6, "name": filename[:MOST_NAME], "size": size / 1e6}
        raise MicroDBError(sentence % details, code="too_large" if size else "empty_file")
    job = ModelImport(dataset=dataset, filename=filename[-MOST_NAME:], sha256=file_sha256(file), requested_by=by)
    job.package.save("package.zip", File(file), save=False)
    try:
        with transaction.atomic():
            job.save()
            record(Verb.IMPORT_REQUESTED, dataset=dataset, about=job, name=job.filename, sha256=job.sha256)
    except BaseException:
        job.package.delete(save=False)
        raise
    return job


def cancel_import(*, job: ModelImport) -> bool:
    """Cancel an import that has not ended; False when it had."""
    with transaction.atomic():
        cancelled = bool(ModelImport.objects.filter(pk=job.pk).cancel())
        if cancelled:
            record(Verb.IMPORT_CANCELLED, dataset=job.dataset, about=job, name=job.filename)
    return cancelled


def latest_imports(dataset: Dataset) -> list[ModelImport]:
    """The newest first."""
    found = dataset.model_imports.select_related("model_version", "requested_by").defer("trained_on", *LARGE)
    return list(found.order_by("-pk")[:LATEST])


def refuse_other_dataset(dataset: Dataset, classes: list[str], *, scale_free: bool) -> None:
    """Raise MicroDBError for a model that can't score this dataset: of other classes, or with another use of scale."""
    known = set(dataset.material_classes.values_list("name", flat=True))
    if lacking := [name for name in classes if name not in known]:
        raise MicroDBError(
            _("The model knows classes that this dataset lacks: %s. Add them in its settings, then import again.")
            % ", ".join(lacking[:20]),
            code="other_classes",
        )
    if scale_free != dataset.scale_free:
        sentence = (
            _("The model needs no scale, but the micrographs of this dataset have one.")
            if scale_free
            else _("The model needs a scale, but this dataset is declared scale-free.")
        )
        raise MicroDBError(sentence, code="other_scale")


def finish_import(*, job: ModelImport, package: Package, fields: dict[str, Any]) -> bool:
    """Make a version, not active, of a claimed import; False, and nothing written, when it is no longer this worker's.

    ``fields``: those of the version that the classifier told.
    """
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(pk=job.dataset_id)
        last = dataset.model_versions.aggregate(last=Max("number"))["last"] or 0
        version = ModelVersion.objects.create(
            dataset=dataset,
            dataset_version=freeze_dataset(dataset=dataset),
            number=last + 1,
            state=Job.State.DONE,
            progress=1.0,
            finished_at=timezone.now(),
            requested_by=job.requested_by,
            imported=_origin(package, job),
            **fields,
        )
        _refuse_unreadable(version)
        finished = job.finish(model_version=version, trained_on=package.manifest["trained_on"])
        name, by = str(version.number), job.requested_by
        record(Verb.MODEL_IMPORTED, about=version, name=name, requested_by=by, sha256=job.sha256)
        if not finished:
            transaction.set_rollback(True)
    return finished


def _refuse_unreadable(version: ModelVersion) -> None:
    """Raise MicroDBError for numbers that the pages of a version could not show."""
    try:
        model_card(version)
        drawn = shown_map(version)
        map_figure(drawn)
        class_rows(drawn)
        micrograph_rows(drawn)
        readable = len(drawn["points"]) <= MOST_POINTS
    except UNREADABLE:
        readable = False
    if not readable:
        raise MicroDBError(
            _("This file is not imported: its metrics or its map can’t be read. Export the version again."),
            code="bad_package",
        )


def drop_ended_packages() -> None:
    """Delete the files of the imports that have ended."""
    for job in ModelImport.objects.exclude(state__in=[Job.State.QUEUED, Job.State.RUNNING]).exclude(package=""):
        job.package.storage.delete(str(job.package.name))
        ModelImport.objects.filter(pk=job.pk).update(package="")


def _origin(package: Package, job: ModelImport) -> dict[str, Any]:
    manifest = package.manifest
    return {
        "name": manifest["name"][:MOST_NAME],
        "dataset": {name: str(manifest["dataset"].get(name, ""))[:MOST_NAME] for name in ("name", "licence", "sha256")},
        "trained_at": manifest["trained_at"],
        "file_sha256": job.sha256,
    }
