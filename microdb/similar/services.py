"""Writes to descriptors."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.micrographs.models.micrographs import NO_SCALE
from microdb.scoring.models import Conditions, Score
from microdb.similar.models import NO_BAR, Describing, Descriptor, training_entries
from microdb.training.models import ModelVersion

WRITTEN = ["vector", "trained_on", "pixels_per_micrometre", "data_bar_top", "masked", "revision"]


@dataclass(frozen=True)
class Described:
    """A micrograph as it was when it was described; ``vector`` is None where it can't be."""

    micrograph: Micrograph
    vector: Sequence[float] | None
    trained_on: bool


@transaction.atomic
def store_descriptors(*, model_version: ModelVersion, described: Sequence[Described]) -> None:
    """Write the descriptors of micrographs in the place of their old ones.

    The writers of a version take turns, so that whoever has read a revision misses nothing of an earlier one.
    """
    of_version = Describing.objects.filter(pk=model_version.pk)
    if not of_version.update(revision=F("revision") + 1):
        Describing.objects.get_or_create(model_version=model_version)
        of_version.update(revision=F("revision") + 1)
    revision = of_version.values_list("revision", flat=True).get()
    rows = [
        Descriptor(
            model_version=model_version,
            micrograph=one.micrograph,
            vector=None if one.vector is None else list(one.vector),
            trained_on=one.trained_on,
            pixels_per_micrometre=one.micrograph.pixels_per_micrometre or NO_SCALE,
            data_bar_top=one.micrograph.data_bar_top or NO_BAR,
            masked=one.micrograph.masked,
            revision=revision,
        )
        for one in described
    ]
    Descriptor.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["model_version", "micrograph"], update_fields=WRITTEN
    )


def keep_descriptor(*, score: Score) -> None:
    """Store the descriptor that came with a verdict, unless the scale or the masks have changed since it was begun."""
    if score.state != Job.State.DONE or score.descriptor is None:
        return
    version = score.model_version
    micrograph = Micrograph.objects.get(pk=score.micrograph_id)
    if score.conditions == Conditions.of_today(micrograph, scale_free=version.is_scale_free):
        trained_on = training_entries(version).filter(micrograph=micrograph).exists()
        store_descriptors(model_version=version, described=[Described(micrograph, score.descriptor, trained_on)])
