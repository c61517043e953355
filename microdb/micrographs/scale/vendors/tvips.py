"""TVIPS EM-MENU: a binary header in tag 37706, which tifffile decodes."""

from collections.abc import Mapping
from typing import Any

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_number, first_text
from microdb.micrographs.scale.found import Extent, PixelSize
from microdb.micrographs.scale.units import number
from microdb.micrographs.scale.vendors.tags import Tags

NAME = "TVIPS"
HEADER = 37706
TAGS = (HEADER,)
DIFFRACTION = 3
"""``TemMode`` of a diffraction pattern, whose pixels are angles."""


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """``PixelSizeX`` and ``PixelSizeY`` of version 2, in nanometres, stated for ``ImageSizeX`` pixels."""
    header = _header(tags)
    if "PixelSizeX" not in header:
        return None
    across, down = number(header["PixelSizeX"]), number(header.get("PixelSizeY", header["PixelSizeX"]))
    origin = f"TVIPS PixelSizeX = {across:.6g} nm"
    if header.get("TemMode") == DIFFRACTION:
        return PixelSize(0, 0, origin, doubt="it is a diffraction pattern")
    size = PixelSize(across / 1000, down / 1000, origin)
    stored = Extent(int(header.get("ImageSizeX", 0)), int(header.get("ImageSizeY", 0)))
    return size.for_extent(stored, picture, "ImageSize") if stored.width else size


def acquisition(tags: Tags) -> AcquisitionFound:
    header = _header(tags)
    volts = first_number([number(header.get("TemHighTension"))])
    return AcquisitionFound(
        kilovolts=volts and volts / 1000,
        magnification=first_number([number(header.get("TemMagnification"))]),
        detector=first_text(header.get("CameraType")),
        instrument=first_text(header.get("TemType")),
        record={name: value for name, value in header.items() if not isinstance(value, list)},
    )


def _header(tags: Tags) -> Mapping[str, Any]:
    return tags[HEADER] if isinstance(tags.get(HEADER), dict) else {}
