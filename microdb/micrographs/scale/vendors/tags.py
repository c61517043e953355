"""TIFF tags that several programs use, and the type of their values."""

from collections.abc import Mapping
from typing import Any

from microdb.micrographs.scale.vendors.ini import decoded_text

DESCRIPTION, X_RESOLUTION, Y_RESOLUTION = 270, 282, 283

SHARED = frozenset((DESCRIPTION, X_RESOLUTION, Y_RESOLUTION))
"""Tags of all programs: that they are there says nothing."""
UNREAD = {
    4864: "Andor",
    33923: "Leica",
    34122: "IPLab",
    50288: "Media Cybernetics",
    65027: "JEOL",
    65200: "Bruker",
    65330: "Nikon",
    65331: "Nikon",
}
"""Tags of vendors that are recognised and not read, because their layout is not public or holds no pixel size."""

Tags = Mapping[int, Any]
"""The values of a page's tags by their number, as tifffile decodes them."""


def tag_text(value: object) -> str:
    """A tag's text, whatever type and encoding it was stored in."""
    if isinstance(value, tuple) and value and all(isinstance(one, int) and 0 <= one < 256 for one in value):
        value = bytes(value)
    text = decoded_text(value) if isinstance(value, bytes) else value if isinstance(value, str) else ""
    return text.strip("\0")
