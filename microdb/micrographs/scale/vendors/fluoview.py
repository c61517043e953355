"""Olympus FluoView: the header in tag 34361, which tifffile decodes."""

from collections.abc import Mapping
from typing import Any

from microdb.micrographs.scale.acquisition import AcquisitionFound
from microdb.micrographs.scale.found import Extent, PixelSize, unknown_unit
from microdb.micrographs.scale.units import micrometres, number
from microdb.micrographs.scale.vendors.tags import Tags, tag_text

NAME = "Olympus FluoView"
HEADER = 34361
TAGS = (HEADER,)


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """The resolution of the dimensions x and y, each with its unit, stated for the size of x."""
    sides = [_dimension(tags, name) for name in ("X", "Y")]
    if sides[0] is None:
        return None
    pixels, across, unit = sides[0]
    _rows, down, down_unit = sides[1] or sides[0]
    origin = f"Olympus FluoView resolution of x = {across:.6g} {unit}".rstrip()
    factors = micrometres(unit), micrometres(down_unit)
    if factors[0] is None or factors[1] is None:
        return unknown_unit(origin)
    size = PixelSize(across * factors[0], down * factors[1], origin)
    return size.for_width(pixels, picture, "The size of x") if pixels else size


def acquisition(tags: Tags) -> AcquisitionFound:
    return AcquisitionFound(record=_header(tags))


def _header(tags: Tags) -> Mapping[str, Any]:
    return tags[HEADER] if isinstance(tags.get(HEADER), dict) else {}


def _dimension(tags: Tags, wanted: str) -> tuple[int, float, str] | None:
    """Its number of pixels, its resolution and its unit."""
    for name, pixels, _origin, resolution, unit in _header(tags).get("Dimensions", ()):
        if str(name).upper() == wanted:
            return int(pixels), number(resolution), tag_text(unit)
    return None
