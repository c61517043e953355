"""Pixels per micrometre from a file's own metadata: FEI/Thermo, OME and ImageJ TIFF. Never dpi, a print size."""

import configparser
import math
import re
from typing import IO
from xml.etree import ElementTree

from PIL import TiffImagePlugin

from microdb.micrographs.decoding import DAMAGE, open_image

FEI_METADATA = 34682
DESCRIPTION, X_RESOLUTION, Y_RESOLUTION = 270, 282, 283

MICROMETRES = {"m": 1e6, "cm": 1e4, "mm": 1e3, "µm": 1.0, "nm": 1e-3, "pm": 1e-6, "å": 1e-4}
ALIASES = {"um": "µm", "μm": "µm", "\\u00b5m": "µm", "micron": "µm", "microns": "µm", "micrometer": "µm"}
"""As instruments and ImageJ write a micrometre: with a Latin u, a Greek mu, or an escape that nobody undid."""

SAME_WITHIN = 0.01
"""Non-square pixels have no single scale; up to this difference they are rounding."""


def scale_in_metadata(file: IO[bytes]) -> float | None:
    """Pixels per micrometre as the file's metadata tell it; None where they don't, or not credibly."""
    with open_image(file) as image:
        if not isinstance(image, TiffImagePlugin.TiffImageFile):
            return None
        tags = image.tag_v2
        for read in (_fei, _ome, _imagej):
            try:
                sizes = read(tags)
            except DAMAGE:
                continue  # metadata of another kind, or damaged: the scale stays unknown, which the page says
            if sizes:
                return _pixels_per_micrometre(*sizes)
    return None


def _fei(tags: TiffImagePlugin.ImageFileDirectory_v2) -> tuple[float, float] | None:
    """``[Scan] PixelWidth`` and ``PixelHeight``, in metres."""
    text = _text(tags.get(FEI_METADATA))
    if not text:
        return None
    parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    try:
        parser.read_string(text.strip("\0"))
    except configparser.Error:
        return None
    if not parser.has_option("Scan", "PixelWidth"):
        return None
    width = float(parser["Scan"]["PixelWidth"])
    return width * 1e6, float(parser["Scan"].get("PixelHeight", str(width))) * 1e6


def _ome(tags: TiffImagePlugin.ImageFileDirectory_v2) -> tuple[float, float] | None:
    """``PhysicalSizeX`` and ``PhysicalSizeY`` of the first image, in µm unless their unit says otherwise."""
    text = _text(tags.get(DESCRIPTION)).strip("\0")
    # OME has no document type; one with entities is an attack
    if "<OME" not in text or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    pixels = ElementTree.fromstring(text.encode()).find("{*}Image/{*}Pixels")
    if pixels is None or not (width := pixels.get("PhysicalSizeX")):
        return None
    across = _micrometres(pixels.get("PhysicalSizeXUnit", "µm"))
    down = _micrometres(pixels.get("PhysicalSizeYUnit", pixels.get("PhysicalSizeXUnit", "µm")))
    if across is None or down is None:
        return None
    return float(width) * across, float(pixels.get("PhysicalSizeY", width)) * down


def _imagej(tags: TiffImagePlugin.ImageFileDirectory_v2) -> tuple[float, float] | None:
    """``unit`` in the description; the resolution tags count pixels per that unit."""
    text = _text(tags.get(DESCRIPTION))
    unit = re.search(r"^unit=(.+?)\s*$", text, re.MULTILINE)
    if not text.startswith("ImageJ=") or unit is None or X_RESOLUTION not in tags:
        return None
    micrometres = _micrometres(unit.group(1))
    if micrometres is None:
        return None
    across, down = float(tags[X_RESOLUTION]), float(tags.get(Y_RESOLUTION, tags[X_RESOLUTION]))
    return (micrometres / across, micrometres / down) if across > 0 and down > 0 else None


def _pixels_per_micrometre(width: float, height: float) -> float | None:
    """From the size of a pixel in micrometres."""
    possible = all(math.isfinite(size) and 1e-6 < size < 1e6 for size in (width, height))
    if not possible or abs(width - height) > SAME_WITHIN * max(width, height):
        return None
    return 1 / width


def _micrometres(unit: str) -> float | None:
    name = unit.strip().lower()
    return MICROMETRES.get(ALIASES.get(name, name))


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value if isinstance(value, str) else ""
