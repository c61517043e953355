"""The length that is written at a micron bar: waiting to be read, and read."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.gallery.bar_scale import TO_CONFIRM
from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.models import Lettering, Micrograph, ScaleSource, lettering_found
from microdb.micrographs.reading.lettering import read_length
from microdb.micrographs.services.curating import set_scale
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


@transaction.atomic
def confirm_bar_scales(*, micrographs: Iterable[Micrograph], by: User | None) -> int:
    """Give micrographs without a scale the one of their bar and its length, which a person has compared.

    The others stay as they are. Raises MicroDBError where none has such a bar.
    """
    keys = [one.pk for one in micrographs]
    proposed = Micrograph.objects.filter(TO_CONFIRM, pk__in=keys).select_related("lettering").order_by("pk")
    count = sum(_confirm(one, by) for one in proposed)
    if not count:
        raise MicroDBError(_("None of these micrographs lacks a scale and has a micron bar whose length was read."))
    return count


def _confirm(micrograph: Micrograph, by: User | None) -> int:
    found = micrograph.lettering
    scale = float(f"{found.pixels_per_micrometre:.5g}")
    note = _("%(text)s on %(pixels)g pixels, both read from the image")
    return set_scale(
        micrographs=[micrograph],
        pixels_per_micrometre=scale,
        source=ScaleSource.MICRON_BAR,
        by=by,
        note=note % {"text": found.text, "pixels": micrograph.bar_pixels},
    )
