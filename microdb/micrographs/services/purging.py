"""What was in the trash for 30 days is deleted with its files, unless something still rests on it."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from microdb.audit_log.recording import record, together
from microdb.audit_log.verbs import Verb
from microdb.micrographs.curation.dependants import without_dependants
from microdb.micrographs.models import (
    Dataset,
    Invitation,
    MaterialClass,
    Membership,
    Micrograph,
    MicrographCount,
    Specimen,
    Upload,
)

KEPT_IN_TRASH = timedelta(days=30)
GOES_WITH_DATASET = (Invitation, MaterialClass, Membership, Micrograph, MicrographCount, Specimen, Upload)


def purge_trash(*, most: int = 1000) -> int:
    """Delete at most ``most`` micrographs that are due, then empty datasets that are; how many micrographs went.

    Frozen versions, scores, quizzes and blind rounds keep what they saw: micrographs in them stay in the trash.
    """
    before = timezone.now() - KEPT_IN_TRASH
    due = Micrograph.objects.filter(trashed_at__lt=before)
    in_dataset = Micrograph.objects.filter(dataset__in=_unused_datasets(before))
    keys = list(without_dependants(due | in_dataset).order_by("pk").values_list("pk", flat=True)[:most])
    purged = sum(_purge(pk, before) for pk in keys)
    for dataset in _unused_datasets(before):
        if not dataset.micrographs.exists():
            with together(Verb.DATASET_DELETED, about=dataset):
                dataset.delete()
    return purged


@transaction.atomic
def _purge(pk: UUID, before: datetime) -> bool:
    """The row first, its files once that is certain; False where somebody restored it, or uses it, meanwhile."""
    row = without_dependants(Micrograph.objects.filter(pk=pk)).select_related("dataset")
    micrograph = row.select_for_update(of=("self", "dataset")).first()
    if micrograph is None or not _is_due(micrograph, before):
        return False
    files = [str(file.name) for file in (micrograph.master, micrograph.display, micrograph.thumbnail) if file]
    dataset, name, sha256 = micrograph.dataset, micrograph.filename, micrograph.sha256
    record(Verb.MICROGRAPH_DELETED, dataset=dataset, keys=[pk], name=name, sha256=sha256)
    micrograph.delete()
    for name in files:
        transaction.on_commit(partial(default_storage.delete, name))
    return True


def _is_due(micrograph: Micrograph, before: datetime) -> bool:
    return any(when and when < before for when in (micrograph.trashed_at, micrograph.dataset.trashed_at))


def _unused_datasets(before: datetime) -> list[Dataset]:
    """Due ones that no version, model version or quiz belongs to."""
    return [one for one in Dataset.objects.filter(trashed_at__lt=before) if not _rests_on(one)]


def _rests_on(dataset: Dataset) -> bool:
    for relation in Dataset._meta.related_objects:
        model = relation.related_model
        if isinstance(model, str) or issubclass(model, GOES_WITH_DATASET):
            continue
        if model._default_manager.filter(**{relation.field.name: dataset}).exists():
            return True
    return False
