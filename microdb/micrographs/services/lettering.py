"""The length that is written at a micron bar: waiting to be read, and read."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.models import Lettering, Micrograph, lettering_found
from microdb.micrographs.reading.lettering import read_length
from microdb.scale_bounds import is_possible_scale

UNREAD: dict[str, Any] = {"text": "", "amount": None, "unit": "", "confidence": None, "pixels_per_micrometre": None}


def queue_lettering(*, micrograph: Micrograph, pictures: Sequence[str]) -> None:
    """Have the texts at a micron bar read by a worker; where there are none, what was read before goes."""
    if not pictures:
        Lettering.objects.filter(pk=micrograph.pk).delete()
        return
    fresh = {"state": Lettering.State.QUEUED, "deliveries": 0, "enqueued_at": timezone.now(), **UNREAD}
    Lettering.objects.update_or_create(micrograph=micrograph, defaults={**fresh, "pictures": list(pictures)})
    transaction.on_commit(lambda: lettering_found.send(Lettering, micrograph_id=micrograph.pk))


def read_lettering(*, lettering: Lettering) -> None:
    """Read a claimed lettering; without a certain length only that it was read is stored."""
    read = read_length(lettering.pictures, while_waiting=lettering.stay_alive)
    bar_pixels = lettering.micrograph.bar_pixels
    scale = bar_pixels / read.length.micrometres if read and bar_pixels else None
    if read is None or scale is None or not is_possible_scale(scale):
        lettering.finish(pictures=[])
        return
    lettering.finish(
        pictures=[],
        text=read.text,
        amount=read.length.amount,
        unit=read.length.unit,
        confidence=read.confidence,
        pixels_per_micrometre=scale,
    )
    touch([lettering.micrograph.dataset_id])
