"""The warnings about one micrograph, in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from microdb.micrographs.gallery.bar_scale import difference_sentence
from microdb.micrographs.gallery.warnings import (
    BLANK,
    LEAK,
    NEAR_DUPLICATE,
    ODD_SCALE,
    SATURATED,
    scale_fences,
    with_warnings,
)
from microdb.micrographs.models import Micrograph


def warning_sentences(micrograph: Micrograph) -> list[str]:
    """Every warning about a micrograph, its difference from the micron bar first."""
    row: Any = with_warnings(Micrograph.objects.filter(pk=micrograph.pk)).get()
    odd = not scale_fences(micrograph.dataset).hold(micrograph.pixels_per_micrometre)
    flaw = micrograph.flaw
    there = {flaw: bool(flaw), ODD_SCALE: odd, NEAR_DUPLICATE: row.has_near_duplicate, LEAK: row.leaks}
    sentences = [str(_WARNED[name]) for name, is_there in there.items() if is_there]
    return [*filter(None, [difference_sentence(micrograph)]), *sentences]


_WARNED = {
    BLANK: _("It is blank: there is hardly any contrast to learn from."),
    SATURATED: _("It is saturated: a quarter of it is pure black or white, so structure is lost."),
    ODD_SCALE: _("Its scale is far from the rest of the dataset: check it."),
    NEAR_DUPLICATE: _("The dataset has a near-duplicate of it: see “Near-duplicates”."),
    LEAK: _("It leaks between train and quiz: its specimen, or a near-duplicate, is on the other side."),
}
