"""Zeiss LSM: a block of numbers in tag 34412, which tifffile decodes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from microdb.micrographs.scale.acquisition import AcquisitionFound
from microdb.micrographs.scale.found import Extent, PixelSize
from microdb.micrographs.scale.units import number
from microdb.micrographs.scale.vendors.tags import Tags

NAME = "Zeiss LSM"
LSM_INFO = 34412
TAGS = (LSM_INFO,)
PLANES = (0, 3, 6)
"""``ScanType`` of pictures whose sides are x and y; in others one side is depth or time."""


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """``VoxelSizeX`` and ``VoxelSizeY`` in metres, stated for ``DimensionX`` pixels."""
    info = _info(tags)
    if "VoxelSizeX" not in info:
        return None
    across, down = number(info["VoxelSizeX"]), number(info.get("VoxelSizeY", info["VoxelSizeX"]))
    size = PixelSize(across * 1e6, down * 1e6, f"Zeiss LSM VoxelSizeX = {across:.6g} m")
    if info.get("ScanType", 0) not in PLANES:
        return replace(size, doubt=_("a side of the picture is depth or time"))
    stored = Extent(int(info.get("DimensionX", 0)), int(info.get("DimensionY", 0)))
    return size.for_extent(stored, picture, "DimensionX") if stored.width else size


def acquisition(tags: Tags) -> AcquisitionFound:
    return AcquisitionFound(record={name: one for name, one in _info(tags).items() if not name.startswith("Offset")})


def _info(tags: Tags) -> Mapping[str, Any]:
    return tags[LSM_INFO] if isinstance(tags.get(LSM_INFO), dict) else {}
