"""Olympus Soft Imaging Solutions: a block in tag 33560, a text in tag 33471."""

import math
from typing import Any

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_number, first_text, recorded_date
from microdb.micrographs.scale.found import Extent, PixelSize
from microdb.micrographs.scale.units import length, number, quantity
from microdb.micrographs.scale.vendors.tags import Tags

NAME = "Olympus"
SIS, SIS_TEXT = 33560, 33471
TAGS = (SIS, SIS_TEXT)


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """The block of tag 33560; else the text of tag 33471."""
    block = tags.get(SIS)
    if not isinstance(block, dict) or "pixelsizex" not in block:
        return _pixel_size_in_text(tags.get(SIS_TEXT))
    across, down = block["pixelsizex"], block["pixelsizey"]
    return PixelSize(across * 1e6, down * 1e6, f"Olympus SIS pixel size = {across:.6g} m")


def acquisition(tags: Tags) -> AcquisitionFound:
    block = tags[SIS] if isinstance(tags.get(SIS), dict) else {}
    text = tags[SIS_TEXT] if isinstance(tags.get(SIS_TEXT), dict) else {}
    return AcquisitionFound(
        magnification=first_number([number(block.get("magnification"))]),
        detector=first_text(block.get("cameraname")),
        date=recorded_date(first_text(block.get("datetime"))),
        record={**text, **block},
    )


def _pixel_size_in_text(parsed: Any) -> PixelSize | None:
    """``PixelSizeX`` and ``PixelSizeY`` in any section, with their unit.

    The format has no public description, so a size without a unit is NaN: it is shown and not taken.
    """
    sections = [each for each in parsed.values() if isinstance(each, dict)] if isinstance(parsed, dict) else []
    for section in ({str(name).lower(): value for name, value in each.items()} for each in sections):
        if (text := section.get("pixelsizex")) is None:
            continue
        unit = str(section.get("pixelsizeunit") or section.get("unit") or "")
        across, down = (_with_unit(section.get(name, text), unit) for name in ("pixelsizex", "pixelsizey"))
        return PixelSize(across, down, f"Olympus INI PixelSizeX = {text} {unit}".rstrip())
    return None


def _with_unit(value: Any, unit: str) -> float:
    """Micrometres; NaN without a unit."""
    found = length(value, unit) if quantity(value, unit)[1] else None
    return math.nan if found is None else found
