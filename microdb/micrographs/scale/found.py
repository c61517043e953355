"""What reading a scale gives: a pixel size, checked and turned into pixels per micrometre."""

import math
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from microdb.scale_bounds import is_possible_scale

SAME_WITHIN = 0.01
"""Pixels that are not square have no single scale; a relative difference up to this is rounding."""


@dataclass(frozen=True)
class ScaleFound:
    """A scale and where it was found; without a scale, the note says why one was not taken, or is empty."""

    pixels_per_micrometre: float | None = None
    note: str = ""


@dataclass(frozen=True)
class PixelSize:
    """The size of a pixel in micrometres across and down, and the field that gave it with its raw value."""

    across: float
    down: float
    origin: str
    doubt: str = ""
    """Why the size can't be taken, though the file states it."""

    def for_width(self, stored: float, width: int, name: str) -> "PixelSize":
        """This size, doubtful where it was stated for a picture of another width: the file was cropped or resized."""
        if stored == width:
            return self
        doubt = _("%(name)s is %(stored)g and the file has %(width)d pixels across: it was cropped or resized") % {
            "name": name,
            "stored": stored,
            "width": width,
        }
        return replace(self, doubt=doubt)


def checked_size(size: PixelSize) -> ScaleFound:
    """The scale of a pixel that has a possible size and is square; else the reason why not."""
    if size.doubt:
        return ScaleFound(note=_("Not taken, for %(doubt)s: %(origin)s") % {"doubt": size.doubt, "origin": size.origin})
    if not all(math.isfinite(length) and length > 0 and is_possible_scale(1 / length) for length in _lengths(size)):
        return ScaleFound(note=_("Not taken, for it can't be: %s") % size.origin)
    if abs(size.across - size.down) > SAME_WITHIN * max(_lengths(size)):
        return ScaleFound(
            note=_("Not taken, for pixels are %(across).6g µm across and %(down).6g µm down: %(origin)s")
            % {"across": size.across, "down": size.down, "origin": size.origin}
        )
    return ScaleFound(1 / size.across, size.origin)


def _lengths(size: PixelSize) -> tuple[float, float]:
    return size.across, size.down
