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
LINE = re.compile(r"^(\w+)=(.*)$", re.MULTILINE)
NO_LENGTH = ("pixel", "pixels", "px")
PRINT_UNITS = ("cm", "inch")
"""What ImageJ writes where a file had a resolution in dots per cm or inch."""


def is_marked(tags: Tags) -> bool:
    return tag_text(tags.get(DESCRIPTION)).startswith("ImageJ=")


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """``unit`` in the description; the resolution tags count pixels per that unit."""
    text = tag_text(tags.get(DESCRIPTION))
    values = _values(text)
    unit = values.get("unit")
    if not is_marked(tags) or not unit or X_RESOLUTION not in tags:
        return None
    down_unit = values.get("yunit") or unit
    if unit.lower() in NO_LENGTH:
        return None
    across, down = _ratio(tags[X_RESOLUTION]), _ratio(tags.get(Y_RESOLUTION, tags[X_RESOLUTION]))
    origin = f"ImageJ {across:.6g} pixels per {unit}"
    if down_unit != unit:
        origin += f" across, {down:.6g} per {down_unit} down"
    if unit.lower() in PRINT_UNITS:
        return PixelSize(0, 0, origin, doubt=_("ImageJ writes the size of a print in the same way"))
    lengths = [micrometres(one) for one in (unit, down_unit)]
    if lengths[0] is None or lengths[1] is None:
        return unknown_unit(origin)
    if across <= 0 or down <= 0:
        return PixelSize(0, 0, origin)
    return PixelSize(lengths[0] / across, lengths[1] / down, origin)


def acquisition(tags: Tags) -> AcquisitionFound:
    text = tag_text(tags.get(DESCRIPTION)) if is_marked(tags) else ""
    return AcquisitionFound(record=_values(text))


def _values(text: str) -> dict[str, str]:
    """By name; of two of one name the first counts."""
    found: dict[str, str] = {}
    for name, value in LINE.findall(text):
        found.setdefault(name, value.strip())
    return found


def _ratio(value: Any) -> float:
    numerator, denominator = value
    return numerator / denominator if denominator else 0.0
