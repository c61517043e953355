"""Zeiss SEM."""

from collections.abc import Sequence
from typing import Any

from microdb.micrographs.scale.found import PixelSize
from microdb.micrographs.scale.vendors.tags import Tags

CZ_SEM = 34118
TAGS = (CZ_SEM,)
STANDARD_WIDTH = 1024
"""Pixels across for which a Zeiss file gives its pixel size, however many it stores."""


def pixel_size(tags: Tags, width: int) -> PixelSize | None:
    """The fourth unnamed value: metres a pixel at a width of 1024. AP_PIXEL_SIZE is not used: it is the monitor's."""
    unnamed: Sequence[Any] = tags[CZ_SEM][""] if isinstance(tags.get(CZ_SEM), dict) else ()
    if len(unnamed) < 4:
        return None
    micrometres = float(unnamed[3]) * 1e6 * STANDARD_WIDTH / width
    origin = f"Zeiss CZ_SEM pixel size = {unnamed[3]} m at {STANDARD_WIDTH} of {width} pixels"
    return PixelSize(micrometres, micrometres, origin)
