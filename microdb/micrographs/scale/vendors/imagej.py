"""ImageJ and Fiji."""

import re
from typing import Any

from microdb.micrographs.scale.found import PixelSize
from microdb.micrographs.scale.units import micrometres
from microdb.micrographs.scale.vendors.tags import DESCRIPTION, X_RESOLUTION, Y_RESOLUTION, Tags, tag_text

TAGS = (DESCRIPTION, X_RESOLUTION, Y_RESOLUTION)
NO_LENGTH = ("pixel", "pixels", "px")


def pixel_size(tags: Tags, width: int) -> PixelSize | None:
    """``unit`` in the description; the resolution tags count pixels per that unit."""
    text = tag_text(tags.get(DESCRIPTION))
    unit = re.search(r"^unit=(.+?)\s*$", text, re.MULTILINE)
    if not text.startswith("ImageJ=") or unit is None or X_RESOLUTION not in tags:
        return None
    down_unit = re.search(r"^yunit=(.+?)\s*$", text, re.MULTILINE) or unit
    if unit.group(1).lower() in NO_LENGTH:
        return None
    across, down = _ratio(tags[X_RESOLUTION]), _ratio(tags.get(Y_RESOLUTION, tags[X_RESOLUTION]))
    origin = f"ImageJ {across:.6g} pixels per {unit.group(1)}"
    if down_unit.group(1) != unit.group(1):
        origin += f" across, {down:.6g} per {down_unit.group(1)} down"
    lengths = [micrometres(one.group(1)) for one in (unit, down_unit)]
    if lengths[0] is None or lengths[1] is None:
        return PixelSize(1, 1, origin, doubt="the unit is not known")
    if across <= 0 or down <= 0:
        return PixelSize(0, 0, origin)
    return PixelSize(lengths[0] / across, lengths[1] / down, origin)


def _ratio(value: Any) -> float:
    numerator, denominator = value
    return numerator / denominator if denominator else 0.0
