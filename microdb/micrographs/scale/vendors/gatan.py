"""Gatan DigitalMicrograph: the pixel size in tags 65009 and 65010, its units in 65003 and 65004."""

from microdb.micrographs.scale.acquisition import AcquisitionFound
from microdb.micrographs.scale.found import Extent, PixelSize, unknown_unit
from microdb.micrographs.scale.units import micrometres, number
from microdb.micrographs.scale.vendors.tags import Tags, tag_text

NAME = "Gatan"
UNIT_X, UNIT_Y, SIZE_X, SIZE_Y = 65003, 65004, 65009, 65010
TAGS = (SIZE_X, SIZE_Y, UNIT_X, UNIT_Y)


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    if SIZE_X not in tags:
        return None
    unit = tag_text(tags.get(UNIT_X))
    factors = micrometres(unit), micrometres(tag_text(tags.get(UNIT_Y, unit)))
    size = _first(tags[SIZE_X]), _first(tags.get(SIZE_Y, tags[SIZE_X]))
    origin = f"Gatan pixel size = {size[0]:.6g} {unit}".rstrip()
    if factors[0] is None or factors[1] is None:
        return unknown_unit(origin)
    return PixelSize(size[0] * factors[0], size[1] * factors[1], origin)


def acquisition(tags: Tags) -> AcquisitionFound:
    return AcquisitionFound(record={str(code): tags[code] for code in TAGS if code in tags})


def _first(value: object) -> float:
    return number(value[0] if isinstance(value, tuple) and value else value)
