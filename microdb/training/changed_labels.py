"""What became of a version's training micrographs: labels that were changed since, and micrographs that came after."""

from dataclasses import dataclass

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from microdb.micrographs.models import NONE_OF_THESE, DatasetVersionEntry, Split
from microdb.training.models import ModelVersion


@dataclass(frozen=True)
class Since:
    """``changed`` training micrographs have another label now, ``added`` labelled ones were not trained on."""

    changed: int
    added: int


def since_training(version: ModelVersion) -> Since | None:
    """None for a version that was trained elsewhere."""
    if version.imported:
        return None
    micrographs = version.dataset.shown().ready().filter(split=Split.TRAIN)
    if not version.dataset.scale_free:
        micrographs = micrographs.with_scale()
    labelled = micrographs.filter(Q(material_class__isnull=False) | Q(none_of_these=True))
    trained_on = version.dataset_version.entries.filter(split=Split.TRAIN).exclude(label="")
    added = labelled.exclude(pk__in=trained_on.values("micrograph"))
    return Since(changed_labels(version).count(), added.count())


def changed_labels(version: ModelVersion) -> QuerySet[DatasetVersionEntry]:
    """The entries whose micrograph has another label now, each with ``label_now``, by file name.

    Without micrographs in the trash, or withheld from the reader by an open quiz.
    """
    none = When(micrograph__none_of_these=True, then=Value(NONE_OF_THESE))
    now = Case(none, default=Coalesce(F("micrograph__material_class__name"), Value("")), output_field=CharField())
    entries = version.dataset_version.entries.filter(split=Split.TRAIN, micrograph__trashed_at=None).exclude(label="")
    shown = entries.exclude(micrograph__in=version.dataset.withheld).annotate(label_now=now)
    return (
        shown.exclude(label_now=F("label"))
        .select_related("micrograph__material_class")
        .order_by("micrograph__filename", "pk")
    )
