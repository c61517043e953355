"""The micrographs most like another one, among those that a person may see."""

from dataclasses import dataclass

import numpy as np
from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.models import Dataset, Micrograph
from microdb.similar.models import Describing, Descriptor
from microdb.similar.ranking import Hit, Wanted, nearest
from microdb.training.models import ModelVersion

SCALE_FACTOR = 2.0
"""Between the scales of two micrographs that are similar, at most."""
FIRST, GROWTH = 64, 16
"""Ranked at first, and by how much more each time that too few of them may be shown."""


@dataclass(frozen=True)
class Options:
    """``other_specimens``: without those of the micrograph's own specimen, and without copies of it.

    ``near_scale``: only those within ``SCALE_FACTOR`` of its scale. ``trained_on``: only what the version learned from.
    """

    other_specimens: bool = True
    near_scale: bool = True
    trained_on: bool = False
    most: int = 5


@dataclass(frozen=True)
class Similar:
    """A micrograph, and the distance of its descriptor."""

    micrograph: Micrograph
    distance: float


class State(TextChoices):
    """Whether a micrograph can be searched by."""

    FOUND = "found", _("found")
    WAITING = "waiting", _("waiting to be described")
    IMPOSSIBLE = "impossible", _("can't be described")


@dataclass(frozen=True)
class Results:
    """What was found. ``left``: whether micrographs of the dataset wait to be described, and so may be missing."""

    state: State
    similar: list[Similar]
    left: bool

    @property
    def is_waiting(self) -> bool:
        return self.state == State.WAITING


def results_for(version: ModelVersion, micrograph: Micrograph, dataset: Dataset, options: Options) -> Results:
    """The micrographs that look like this one to a model version; see ``similar_to``."""
    rows = Descriptor.objects.up_to_date().filter(model_version=version, micrograph=micrograph)
    descriptor = rows.select_related("micrograph").first()
    left = Describing.objects.active().filter(pk=version.pk).exists()
    if descriptor is None:
        return Results(_without(version, micrograph), [], left)
    if descriptor.vector is None:
        return Results(State.IMPOSSIBLE, [], left)
    descriptor.model_version = version
    return Results(State.FOUND, similar_to(descriptor, dataset, options), left)


def _without(version: ModelVersion, micrograph: Micrograph) -> State:
    """The state of a micrograph without a descriptor."""
    refused = micrograph.state == Micrograph.State.REFUSED
    has_scale = micrograph.pixels_per_micrometre is not None or version.is_scale_free
    ready = micrograph.state == Micrograph.State.READY
    return State.IMPOSSIBLE if refused or (ready and not has_scale) else State.WAITING


def similar_to(descriptor: Descriptor, dataset: Dataset, options: Options) -> list[Similar]:
    """The micrographs nearest to the one described, the nearest first.

    ``dataset``: its own, as it was looked up for the person (``access.dataset_or_404``). What is in the trash, withheld
    from them, or changed since it was described is left out. Empty for a descriptor without a vector.
    """
    if descriptor.vector is None:
        return []
    wanted = Wanted(
        model_version=descriptor.model_version_id,
        vector=np.array(descriptor.vector, np.float32),
        scales=_scales(descriptor) if options.near_scale else None,
        trained_on=options.trained_on,
    )
    shown = _shown(descriptor, dataset, options)
    asked = FIRST
    while True:
        hits = nearest(wanted, asked)
        allowed = set(shown.filter(pk__in=[hit.descriptor for hit in hits]).values_list("pk", flat=True))
        chosen = [hit for hit in hits if hit.descriptor in allowed][: options.most]
        if len(chosen) == options.most or len(hits) < asked:
            return _with_micrographs(chosen)
        asked *= GROWTH


def _scales(descriptor: Descriptor) -> tuple[float, float] | None:
    if descriptor.model_version.is_scale_free or descriptor.pixels_per_micrometre <= 0:
        return None
    return descriptor.pixels_per_micrometre / SCALE_FACTOR, descriptor.pixels_per_micrometre * SCALE_FACTOR


def _shown(descriptor: Descriptor, dataset: Dataset, options: Options) -> QuerySet[Descriptor]:
    own = descriptor.micrograph
    micrographs = dataset.shown().kept().exclude(pk=own.pk)
    if options.other_specimens:
        micrographs = micrographs.exclude(pixel_sha256=own.pixel_sha256)
        if own.specimen:
            micrographs = micrographs.exclude(specimen=own.specimen)
    return Descriptor.objects.up_to_date().filter(micrograph__in=micrographs)


def _with_micrographs(hits: list[Hit]) -> list[Similar]:
    related = [f"micrograph__{name}" for name in ("material_class", "dataset", "acquisition", "lettering")]
    rows = Descriptor.objects.select_related(*related).defer("vector").in_bulk([hit.descriptor for hit in hits])
    return [Similar(rows[hit.descriptor].micrograph, hit.distance) for hit in hits]
