"""ImageJ and Fiji."""

import re
from typing import Any

from microdb.micrographs.scale.found import PixelSize
from microdb.micrographs.scale.units import micrometres
from microdb.micrographs.scale.vendors.tags import DESCRIPTION, X_RESOLUTION, Y_RESOLUTION, Tags, tag_text

TAGS = (DESCRIPTION, X_RESOLUTION, Y_RESOLUTION)


def pixel_size(tags: Tags, width: int) -> PixelSize | None:
    """``unit`` in the description; the resolution tags count pixels per that unit."""
    text = tag_text(tags.get(DESCRIPTION))
    unit = re.search(r"^unit=(.+?)\s*$", text, re.MULTILINE)
    if not text.startswith("ImageJ=") or unit is None or X_RESOLUTION not in tags:
        return None
    factor = micrometres(unit.group(1))
    across = _ratio(tags[X_RESOLUTION])
    down = _ratio(tags.get(Y_RESOLUTION, tags[X_RESOLUTION]))
    if factor is None or across <= 0 or down <= 0:
        return None
    origin = f"ImageJ {across:.6g} pixels per {unit.group(1)}"
    return PixelSize(factor / across, factor / down, origin)


def _ratio(value: Any) -> float:
    numerator, denominator = value
    return numerator / denominator if denominator else 0.0
