"""TIFF tags that several programs use, and the type of their values."""

from collections.abc import Mapping
from typing import Any

DESCRIPTION, X_RESOLUTION, Y_RESOLUTION = 270, 282, 283

Tags = Mapping[int, Any]
"""The values of the first page's tags by their number, as tifffile decodes them."""


def tag_text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value if isinstance(value, str) else ""
    return text.strip("\0")
