"""TESCAN: an INI text after a binary start in tag 50431, and the same text in a ``.hdr`` file."""

import re

from microdb.micrographs.scale.found import PixelSize
from microdb.micrographs.scale.units import number
from microdb.micrographs.scale.vendors.tags import Tags

TESCAN = 50431
TAGS = (TESCAN,)


def pixel_size(tags: Tags, width: int) -> PixelSize | None:
    block = tags.get(TESCAN)
    raw = block if isinstance(block, bytes) else bytes(block) if isinstance(block, tuple) else b""
    return pixel_size_in_text(raw.decode("latin-1"))


def pixel_size_in_text(text: str) -> PixelSize | None:
    """``PixelSizeX`` and ``PixelSizeY`` of ``[MAIN]``, in metres."""
    across = re.search(r"^PixelSizeX\s*=\s*(\S+)\s*$", text, re.MULTILINE)
    if "[MAIN]" not in text or across is None:
        return None
    down = re.search(r"^PixelSizeY\s*=\s*(\S+)\s*$", text, re.MULTILINE) or across
    origin = f"TESCAN PixelSizeX = {across.group(1)} m"
    return PixelSize(number(across.group(1)) * 1e6, number(down.group(1)) * 1e6, origin)
