"""The scale that the micron bar and the length written at it give, beside the scale on record."""

from django.db.models import F, FloatField, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from microdb.micrographs.models import Lettering, Micrograph
from microdb.micrographs.scale.bar_check import AGREEING_PIXELS, AGREEMENT, agree

WRITTEN = Q(lettering__pixels_per_micrometre__isnull=False)

TO_CONFIRM = WRITTEN & Q(pixels_per_micrometre=None)
"""Micrographs without a scale whose micron bar gives one."""


def differs_from_bar() -> Q:
    """The condition under which a micrograph's scale and that of its bar do not ``agree``."""
    allowed = Greatest(Value(AGREEMENT), AGREEING_PIXELS / F("bar_pixels"), output_field=FloatField())
    bar = F("lettering__pixels_per_micrometre")
    lower = Q(pixels_per_micrometre__lt=bar * (1 - allowed))
    return WRITTEN & (lower | Q(lettering__pixels_per_micrometre__lt=F("pixels_per_micrometre") * (1 - allowed)))


def lettering_of(micrograph: Micrograph) -> Lettering | None:
    """The length written at its bar, where one was read."""
    found: Lettering | None = getattr(micrograph, "lettering", None)
    return found if found and found.pixels_per_micrometre else None


def agrees_with_bar(micrograph: Micrograph) -> bool | None:
    """Whether its scale agrees with that of its bar; None where one of them is missing."""
    found, scale = lettering_of(micrograph), micrograph.pixels_per_micrometre
    if not found or not found.pixels_per_micrometre or not scale or not micrograph.bar_pixels:
        return None
    return agree(scale, found.pixels_per_micrometre, micrograph.bar_pixels)


def difference_sentence(micrograph: Micrograph) -> str:
    """What differs, with both numbers; empty where nothing does."""
    found = lettering_of(micrograph)
    if found is None or agrees_with_bar(micrograph) is not False:
        return ""
    return _(
        "Its micron bar of %(pixels).4g pixels is labelled “%(text)s”, which makes %(bar).4g px/µm. The scale on "
        "record is %(scale).4g px/µm (%(source)s). Compare the two, and correct the scale if it is wrong."
    ) % {
        "pixels": micrograph.bar_pixels,
        "text": found.text,
        "bar": found.pixels_per_micrometre,
        "scale": micrograph.pixels_per_micrometre,
        "source": micrograph.get_scale_source_display(),
    }
