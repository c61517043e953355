"""Measuring the pixels again of micrographs that were stored before all of it was measured."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.micrographs.models import Change, MaskSource, Micrograph, Reading
from microdb.micrographs.reading.isolation import read_isolated
from microdb.micrographs.reading.measuring import MEASURES_RELEASE
from microdb.micrographs.services.curating import set_masked
from microdb.micrographs.services.lettering import queue_lettering


@dataclass(frozen=True)
class Remeasured:
    """One micrograph of ``remeasure``: the boxes and whether there is lettering, or why its file could not be read."""

    micrograph: Micrograph
    boxes: int = 0
    lettering: bool = False
    error: str = ""


def remeasure() -> Iterator[Remeasured]:
    """Look for annotation boxes and lettering in micrographs that were not searched by this release.

    Boxes that are found are masked, with a line in the history, unless somebody has masked or unmasked anything there.
    Everything else that people see or entered stays. A file that is gone is looked for again.
    """
    old = Reading.objects.filter(
        measures__lt=MEASURES_RELEASE, micrograph__state=Micrograph.State.READY, micrograph__trashed_at=None
    )
    for key in list(old.order_by("pk").values_list("pk", flat=True)):
        if micrograph := Micrograph.objects.filter(pk=key).select_related("dataset").first():
            yield _remeasure(micrograph)


def _remeasure(micrograph: Micrograph) -> Remeasured:
    try:
        measured = read_isolated(micrograph.master).measured
    except FileNotFoundError:
        return Remeasured(micrograph, error=_("The stored file is gone. Add it again."))
    except MicroDBError as error:
        Reading.objects.filter(pk=micrograph.pk).update(measures=MEASURES_RELEASE)
        return Remeasured(micrograph, error=error.message)
    with transaction.atomic():
        boxes = _mask(micrograph, measured.masked)
        Micrograph.objects.filter(pk=micrograph.pk).update(bar_pixels=measured.bar_pixels)
        queue_lettering(micrograph=micrograph, pictures=measured.lettering)
        Reading.objects.filter(pk=micrograph.pk).update(measures=MEASURES_RELEASE)
    return Remeasured(micrograph, boxes, bool(measured.lettering))


def _mask(micrograph: Micrograph, found: list[dict[str, int]]) -> int:
    """Mask the boxes where nobody has decided about masks; the number of them."""
    settled = micrograph.masked or micrograph.changes.filter(field=Change.Field.MASKED).exists()
    if settled or not found:
        return 0
    boxes: list[dict[str, Any]] = [{**one, "source": MaskSource.FOUND} for one in found]
    set_masked(micrographs=[micrograph], masked=boxes, by=None)
    return len(boxes)
