"""Scale from the text file that a Hitachi or JEOL microscope writes beside an image."""

import re
from pathlib import Path

MOST_BYTES = 2**20
MICROMETRES = {"nm": 1e-3, "um": 1.0, "µm": 1.0, "mm": 1e3}


def sidecar_scale(image: Path) -> float | None:
    """Pixels per micrometre from the ``.txt`` of ``image``'s name; None where there is none or it tells nothing."""
    for sidecar in (image.with_suffix(".txt"), image.with_suffix(".TXT"), Path(f"{image}.txt")):
        if sidecar.is_file() and sidecar.stat().st_size <= MOST_BYTES:
            text = _text(sidecar.read_bytes())
            return _hitachi(text) or _jeol(text)
    return None


def _number(text: str) -> float:
    """0 where the text is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def _hitachi(text: str) -> float | None:
    """``[SemImageFile]`` with ``PixelSize`` in nanometres."""
    size = re.search(r"^PixelSize=([\d.eE+-]+)\s*$", text, re.MULTILINE)
    if "[SemImageFile]" not in text or size is None:
        return None
    nanometres = _number(size.group(1))
    return 1000 / nanometres if nanometres > 0 else None


def _jeol(text: str) -> float | None:
    """The micron bar's length: ``$$SM_MICRON_BAR`` in pixels, ``$$SM_MICRON_MARKER`` with its unit."""
    pixels = re.search(r"^\$\$?SM_MICRON_BAR\s+(\d+)", text, re.MULTILINE)
    marker = re.search(r"^\$\$?SM_MICRON_MARKER\s+([\d.]+)\s*([nuµm]m)", text, re.MULTILINE)
    if pixels is None or marker is None:
        return None
    length = _number(marker.group(1)) * MICROMETRES[marker.group(2)]
    return int(pixels.group(1)) / length if length > 0 else None


def _text(raw: bytes) -> str:
    """Hitachi writes UTF-16 on some instruments, Latin-1 on others."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    return raw.decode("latin-1")
