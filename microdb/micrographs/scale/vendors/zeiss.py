"""Zeiss SEM."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from microdb.micrographs.scale.found import PixelSize
from microdb.micrographs.scale.units import number
from microdb.micrographs.scale.vendors.tags import Tags

CZ_SEM = 34118
TAGS = (CZ_SEM,)
STANDARD_WIDTH = 1024
"""Pixels across for which a Zeiss file gives its pixel size, however many it stores."""


USUAL_WIDTHS = (512, 1024, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768)
"""Widths that the program stores; another one, without the stored width in the text, may be a crop."""


def pixel_size(tags: Tags, width: int) -> PixelSize | None:
    """The fourth unnamed value: metres a pixel at a width of 1024. AP_PIXEL_SIZE is not used: it is the monitor's."""
    block: Mapping[str, Any] = tags[CZ_SEM] if isinstance(tags.get(CZ_SEM), dict) else {}
    unnamed: Sequence[Any] = block.get("", ())
    if len(unnamed) < 4:
        return None
    stored = _stored_width(block)
    across = number(unnamed[3]) * 1e6 * STANDARD_WIDTH / (stored or width)
    origin = f"Zeiss CZ_SEM pixel size = {unnamed[3]} m at {STANDARD_WIDTH} of {stored or width} pixels"
    if stored is None and width not in USUAL_WIDTHS:
        return PixelSize(
            across, across, origin, doubt=f"no stored width is given, and {width} is none that Zeiss stores"
        )
    return PixelSize(across, across, origin).for_width(stored or width, width, "Store resolution")


def _stored_width(block: Mapping[str, Any]) -> int | None:
    """Of ``Store resolution = 1024 * 768``."""
    entry = block.get("dp_image_store", ())
    found = re.match(r"\s*(\d+)\s*[*x]", str(entry[1])) if len(entry) > 1 else None
    return int(found.group(1)) if found else None
