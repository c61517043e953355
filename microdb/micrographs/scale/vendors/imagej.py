"""ImageJ and Fiji: lines of “name=value” in the description."""

import re
from typing import Any

from django.utils.translation import gettext as _

from microdb.micrographs.scale.acquisition import AcquisitionFound
from microdb.micrographs.scale.found import Extent, PixelSize, unknown_unit
from microdb.micrographs.scale.units import micrometres
from microdb.micrographs.scale.vendors.tags import DESCRIPTION, X_RESOLUTION, Y_RESOLUTION, Tags, tag_text

NAME = "ImageJ"
TAGS = (DESCRIPTION, X_RESOLUTION, Y_RESOLUTION)
NO_LENGTH = ("pixel", "pixels", "px")
PRINT_UNITS = ("cm", "inch")
"""What ImageJ writes where a file had a resolution in dots per cm or inch."""


def is_marked(tags: Tags) -> bool:
    return tag_text(tags.get(DESCRIPTION)).startswith("ImageJ=")


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """``unit`` in the description; the resolution tags count pixels per that unit."""
    text = tag_text(tags.get(DESCRIPTION))
    unit = re.search(r"^unit=(.+?)\s*$", text, re.MULTILINE)
    if not is_marked(tags) or unit is None or X_RESOLUTION not in tags:
        return None
    down_unit = re.search(r"^yunit=(.+?)\s*$", text, re.MULTILINE) or unit
    if unit.group(1).lower() in NO_LENGTH:
        return None
    across, down = _ratio(tags[X_RESOLUTION]), _ratio(tags.get(Y_RESOLUTION, tags[X_RESOLUTION]))
    origin = f"ImageJ {across:.6g} pixels per {unit.group(1)}"
    if down_unit.group(1) != unit.group(1):
        origin += f" across, {down:.6g} per {down_unit.group(1)} down"
    if unit.group(1).lower() in PRINT_UNITS:
        return PixelSize(0, 0, origin, doubt=_("ImageJ writes the size of a print in the same way"))
    lengths = [micrometres(one.group(1)) for one in (unit, down_unit)]
    if lengths[0] is None or lengths[1] is None:
        return unknown_unit(origin)
    if across <= 0 or down <= 0:
        return PixelSize(0, 0, origin)
    return PixelSize(lengths[0] / across, lengths[1] / down, origin)


def acquisition(tags: Tags) -> AcquisitionFound:
    text = tag_text(tags.get(DESCRIPTION)) if is_marked(tags) else ""
    return AcquisitionFound(record=dict(re.findall(r"^(\w+)=(.*?)\s*$", text, re.MULTILINE)))


def _ratio(value: Any) -> float:
    numerator, denominator = value
    return numerator / denominator if denominator else 0.0
