"""Pixels per micrometre from the metadata of FEI, Zeiss, Olympus, OME and ImageJ TIFF. Never dpi, a print size."""

import math
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any
from xml.etree import ElementTree

import tifffile
from django.utils.translation import gettext as _

from microdb.micrographs.files.file_format import file_format

FEI_TAGS, ZEISS, OLYMPUS, OLYMPUS_TEXT = (34680, 34682), 34118, 33560, 33471
DESCRIPTION, X_RESOLUTION, Y_RESOLUTION = 270, 282, 283
TOLD_IN = (*FEI_TAGS, ZEISS, OLYMPUS, OLYMPUS_TEXT, DESCRIPTION, X_RESOLUTION, Y_RESOLUTION)

MICROMETRES = {"m": 1e6, "cm": 1e4, "mm": 1e3, "µm": 1.0, "nm": 1e-3, "pm": 1e-6, "å": 1e-4}
ALIASES = {"um": "µm", "μm": "µm", "\\u00b5m": "µm", "micron": "µm", "microns": "µm", "micrometer": "µm"}
"""As instruments and ImageJ write a micrometre: with a Latin u, a Greek mu, or an escape that nobody undid."""

SAME_WITHIN = 0.01
"""Non-square pixels have no single scale; up to this difference they are rounding."""
ZEISS_WIDTH = 1024
"""Pixels across for which a Zeiss file tells its pixel size, however many it stores."""
DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    struct.error,
)
"""What damaged metadata makes their readers raise."""

Tags = Mapping[int, Any]


@dataclass(frozen=True)
class ScaleFound:
    """A scale and the words that tell it; without a scale, the words say why one was not taken (empty: none told)."""

    pixels_per_micrometre: float | None = None
    note: str = ""


@dataclass(frozen=True)
class PixelSize:
    """The size of a pixel in micrometres across and down, and where that stands with its raw value."""

    across: float
    down: float
    told_by: str


def scale_in_metadata(file: IO[bytes]) -> ScaleFound:
    """The scale that the file's metadata tell, if they do, and credibly."""
    if file_format(file) != "TIFF":
        return ScaleFound()
    file.seek(0)
    try:
        with tifffile.TiffFile(file) as tiff:
            page = tiff.pages.first
            tags = {code: page.tags[code].value for code in TOLD_IN if code in page.tags}
            width = page.imagewidth
    except DAMAGE:
        return ScaleFound()  # the pixels may still be readable; that their scale is unknown shows by itself
    for read in (_fei, _zeiss, _olympus, _ome, _imagej):
        try:
            size = read(tags, width)
        except (*DAMAGE, ElementTree.ParseError):
            continue  # metadata of another kind, or damaged
        if size:
            return checked_size(size)
    return ScaleFound()


def checked_size(size: PixelSize) -> ScaleFound:
    """The scale of a pixel that has a possible size and is square; else the reason why not."""
    if not all(math.isfinite(length) and 1e-6 < length < 1e6 for length in (size.across, size.down)):
        return ScaleFound(note=_("Not taken, for it can't be: %s") % size.told_by)
    if abs(size.across - size.down) > SAME_WITHIN * max(size.across, size.down):
        return ScaleFound(
            note=_("Not taken, for pixels are %(across).6g µm across and %(down).6g µm down: %(told_by)s")
            % {"across": size.across, "down": size.down, "told_by": size.told_by}
        )
    return ScaleFound(1 / size.across, size.told_by)


def _fei(tags: Tags, width: int) -> PixelSize | None:
    """``[Scan] PixelWidth`` in metres; else the beam's field width over ``[Image] ResolutionX``."""
    told: dict[str, Any] = next((tags[code] for code in FEI_TAGS if isinstance(tags.get(code), dict)), {})
    scan = told.get("Scan", {})
    if across := scan.get("PixelWidth"):
        down = scan.get("PixelHeight", across)
        return PixelSize(float(across) * 1e6, float(down) * 1e6, f"FEI Scan.PixelWidth = {across} m")
    image = told.get("Image", {})
    for beam in ("IRBeam", "EBeam", "IBeam"):
        field = told.get(beam, {})
        if "HFW" in field and "ResolutionX" in image:
            across = float(field["HFW"]) / float(image["ResolutionX"])
            down = float(field["VFW"]) / float(image["ResolutionY"]) if "VFW" in field else across
            told_by = f"FEI {beam}.HFW = {field['HFW']} m over {image['ResolutionX']} pixels"
            return PixelSize(across * 1e6, down * 1e6, told_by)
    return None


def _zeiss(tags: Tags, width: int) -> PixelSize | None:
    """The fourth unnamed value: metres a pixel at a width of 1024. AP_PIXEL_SIZE, the monitor's, is not looked at."""
    unnamed: Sequence[Any] = tags[ZEISS][""] if isinstance(tags.get(ZEISS), dict) else ()
    if len(unnamed) < 4:
        return None
    micrometres = float(unnamed[3]) * 1e6 * ZEISS_WIDTH / width
    told_by = f"Zeiss CZ_SEM pixel size = {unnamed[3]} m at {ZEISS_WIDTH} of {width} pixels"
    return PixelSize(micrometres, micrometres, told_by)


def _olympus(tags: Tags, width: int) -> PixelSize | None:
    """The block of tag 33560; else the text of tag 33471."""
    told = tags.get(OLYMPUS)
    if not isinstance(told, dict) or "pixelsizex" not in told:
        return _olympus_text(tags.get(OLYMPUS_TEXT))
    across, down = told["pixelsizex"], told["pixelsizey"]
    return PixelSize(across * 1e6, down * 1e6, f"Olympus SIS pixel size = {across:.6g} m")


def _olympus_text(told: Any) -> PixelSize | None:
    """``PixelSizeX`` and ``PixelSizeY`` in any section, with their unit.

    The format has no public description, so that a size without a unit is shown but not taken: it can't be (NaN).
    """
    sections = [each for each in told.values() if isinstance(each, dict)] if isinstance(told, dict) else []
    for section in ({str(name).lower(): value for name, value in each.items()} for each in sections):
        if (text := section.get("pixelsizex")) is None:
            continue
        unit = str(section.get("pixelsizeunit") or section.get("unit") or "")
        across, down = (_with_unit(section.get(name, text), unit) for name in ("pixelsizex", "pixelsizey"))
        return PixelSize(across, down, f"Olympus INI PixelSizeX = {text} {unit}".rstrip())
    return None


def _with_unit(value: Any, unit: str) -> float:
    """Micrometres of ``25`` with unit ``nm``, or of ``25 nm``; NaN without a unit."""
    number, _space, own = str(value).strip().partition(" ")
    micrometres = _micrometres(own or unit)
    return math.nan if micrometres is None else float(number) * micrometres


def _ome(tags: Tags, width: int) -> PixelSize | None:
    """``PhysicalSizeX`` and ``PhysicalSizeY`` of the first image, in µm unless their unit says otherwise."""
    text = _text(tags.get(DESCRIPTION))
    # OME has no document type; one with entities is an attack
    if "<OME" not in text or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    pixels = ElementTree.fromstring(text.encode()).find("{*}Image/{*}Pixels")
    if pixels is None or not (size := pixels.get("PhysicalSizeX")):
        return None
    unit = pixels.get("PhysicalSizeXUnit", "µm")
    across, down = _micrometres(unit), _micrometres(pixels.get("PhysicalSizeYUnit", unit))
    if across is None or down is None:
        return None
    down *= float(pixels.get("PhysicalSizeY", size))
    return PixelSize(float(size) * across, down, f"OME PhysicalSizeX = {size} {unit}")


def _imagej(tags: Tags, width: int) -> PixelSize | None:
    """``unit`` in the description; the resolution tags count pixels per that unit."""
    text = _text(tags.get(DESCRIPTION))
    unit = re.search(r"^unit=(.+?)\s*$", text, re.MULTILINE)
    if not text.startswith("ImageJ=") or unit is None or X_RESOLUTION not in tags:
        return None
    micrometres = _micrometres(unit.group(1))
    across = _ratio(tags[X_RESOLUTION])
    down = _ratio(tags.get(Y_RESOLUTION, tags[X_RESOLUTION]))
    if micrometres is None or across <= 0 or down <= 0:
        return None
    told_by = f"ImageJ {across:.6g} pixels per {unit.group(1)}"
    return PixelSize(micrometres / across, micrometres / down, told_by)


def _ratio(value: Any) -> float:
    numerator, denominator = value
    return numerator / denominator if denominator else 0.0


def _micrometres(unit: str) -> float | None:
    name = unit.strip().lower()
    return MICROMETRES.get(ALIASES.get(name, name))


def _text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value if isinstance(value, str) else ""
    return text.strip("\0")
