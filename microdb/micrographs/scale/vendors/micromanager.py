"""Micro-Manager: JSON in tag 51123, which tifffile decodes."""

from collections.abc import Mapping
from typing import Any

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_text, recorded_date
from microdb.micrographs.scale.found import Extent, PixelSize
from microdb.micrographs.scale.units import number
from microdb.micrographs.scale.vendors.tags import Tags

NAME = "Micro-Manager"
METADATA = 51123
TAGS = (METADATA,)


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """``PixelSizeUm``, stated for ``Width`` pixels; zero where nobody calibrated it."""
    metadata = _metadata(tags)
    side = number(metadata.get("PixelSizeUm", 0))
    if side == 0:
        return None
    size = PixelSize(side, side, f"Micro-Manager PixelSizeUm = {metadata['PixelSizeUm']}")
    width = number(metadata.get("Width", 0))
    return size.for_width(width, picture, "Width") if width > 0 else size


def acquisition(tags: Tags) -> AcquisitionFound:
    metadata = _metadata(tags)
    return AcquisitionFound(
        detector=first_text(metadata.get("Camera"), metadata.get("Core-Camera")),
        date=recorded_date(first_text(metadata.get("ReceivedTime"), metadata.get("Time"))),
        record=metadata,
    )


def _metadata(tags: Tags) -> Mapping[str, Any]:
    return tags[METADATA] if isinstance(tags.get(METADATA), dict) else {}
