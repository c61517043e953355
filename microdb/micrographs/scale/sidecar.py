"""Scale from the text file that a Hitachi, JEOL or TESCAN microscope writes beside an image."""

import math
import re
from pathlib import Path

from django.utils.translation import gettext as _

from microdb.micrographs.scale.found import PixelSize, ScaleFound, checked_size
from microdb.micrographs.scale.units import micrometres, number
from microdb.micrographs.scale.vendors import tescan

MOST_BYTES = 2**20


ENDINGS = (".txt", ".TXT", ".hdr", ".HDR")


def sidecar_scale(image: Path) -> ScaleFound:
    """The scale in a text file of ``image``'s name, if there is one."""
    noted = ScaleFound()
    for ending in ENDINGS:
        for sidecar in (image.with_suffix(ending), Path(f"{image}{ending}")):
            if sidecar.is_file() and sidecar.stat().st_size <= MOST_BYTES:
                found = scale_in_text(sidecar.read_bytes())
                if found.pixels_per_micrometre is not None:
                    return found
                note = found.note or _("No scale is read from %s.") % sidecar.name
                noted = noted if noted.note else ScaleFound(note=note)
    return noted


def scale_in_text(raw: bytes) -> ScaleFound:
    """The scale in the bytes of such a text file."""
    text = _text(raw)
    size = _hitachi(text) or _jeol(text) or tescan.pixel_size_in_text(text)
    return checked_size(size) if size else ScaleFound()


def _hitachi(text: str) -> PixelSize | None:
    """``[SemImageFile]`` with ``PixelSize`` in nanometres."""
    size = re.search(r"^PixelSize=([\d.,eE+-]+)\s*$", text, re.MULTILINE)
    if "[SemImageFile]" not in text or size is None:
        return None
    length = number(size.group(1)) / 1000
    return PixelSize(length, length, f"Hitachi PixelSize = {size.group(1)} nm")


def _jeol(text: str) -> PixelSize | None:
    """The micron bar's length: ``$$SM_MICRON_BAR`` in pixels, ``$$SM_MICRON_MARKER`` with its unit."""
    pixels = re.search(r"^\$\$?SM_MICRON_BAR\s+(\d+)", text, re.MULTILINE)
    marker = re.search(r"^\$\$?SM_MICRON_MARKER\s+([\d.,]+)\s*([nuµm]m)", text, re.MULTILINE)
    if pixels is None or marker is None:
        return None
    length = number(marker.group(1)) * (micrometres(marker.group(2)) or 0.0)
    size = length / (int(pixels.group(1)) or math.inf)
    return PixelSize(size, size, f"JEOL micron bar = {marker.group(1)} {marker.group(2)} on {pixels.group(1)} pixels")


def _text(raw: bytes) -> str:
    """Hitachi writes UTF-16 on some instruments, Latin-1 on others."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    return raw.decode("latin-1")
