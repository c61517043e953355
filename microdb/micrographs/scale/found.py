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
    contradicted: bool = False
    """Whether the file itself shows that the scale is not its own: it was cropped or resized since."""


@dataclass(frozen=True)
class Extent:
    """The size of a picture in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class PixelSize:
    """The size of a pixel in micrometres across and down, and the field that gave it with its raw value."""

    across: float
    down: float
    origin: str
    doubt: str = ""
    """Why the size can't be taken, though the file states it."""
    contradicted: bool = False

    def for_width(self, stored: float, picture: Extent, name: str) -> "PixelSize":
        """This size, doubtful where it was stated for a picture of another width: the file was cropped or resized."""
        if stored == picture.width:
            return self
        doubt = _("%(name)s is %(stored)g and the file has %(width)d pixels across: it was cropped or resized") % {
            "name": name,
            "stored": stored,
            "width": picture.width,
        }
        return replace(self, doubt=doubt, contradicted=True)

    def for_extent(self, stored: Extent, picture: Extent, name: str) -> "PixelSize":
        """Like ``for_width``, where the stored height is known too.

        Only the width decides: microscopes append a data bar to the height that they state, or leave it out.
        """
        if stored.width == picture.width:
            return self
        doubt = _(
            "%(name)s is %(stored_width)d x %(stored_height)d and the file has %(width)d x %(height)d pixels: "
            "it was cropped or resized"
        ) % {
            "name": name,
            "stored_width": stored.width,
            "stored_height": stored.height,
            "width": picture.width,
            "height": picture.height,
        }
        return replace(self, doubt=doubt, contradicted=True)


def unknown_unit(origin: str) -> PixelSize:
    """A size that the file states in a unit which is no length."""
    return PixelSize(math.nan, math.nan, origin, doubt=_("its unit is no known length"))


def checked_size(size: PixelSize) -> ScaleFound:
    """The scale of a pixel that has a possible size and is square; else the reason why not."""
    if size.doubt:
        note = _("Not taken, for %(doubt)s: %(origin)s") % {"doubt": size.doubt, "origin": size.origin}
        return ScaleFound(note=note, contradicted=size.contradicted)
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
