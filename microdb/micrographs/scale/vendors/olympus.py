"""Olympus Soft Imaging Solutions."""

import math
from typing import Any

from microdb.micrographs.scale.found import PixelSize
from microdb.micrographs.scale.units import micrometres
from microdb.micrographs.scale.vendors.tags import Tags

SIS, SIS_TEXT = 33560, 33471
TAGS = (SIS, SIS_TEXT)


def pixel_size(tags: Tags, width: int) -> PixelSize | None:
    """The block of tag 33560; else the text of tag 33471."""
    block = tags.get(SIS)
    if not isinstance(block, dict) or "pixelsizex" not in block:
        return _pixel_size_in_text(tags.get(SIS_TEXT))
    across, down = block["pixelsizex"], block["pixelsizey"]
    return PixelSize(across * 1e6, down * 1e6, f"Olympus SIS pixel size = {across:.6g} m")


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
    """Micrometres of ``25`` with unit ``nm``, or of ``25 nm``; NaN without a unit."""
    number, _space, own = str(value).strip().partition(" ")
    factor = micrometres(own or unit)
    return math.nan if factor is None else float(number) * factor
