"""Zeiss SEM: unnamed numbers and named values in tag 34118."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_number, first_text, recorded_date
from microdb.micrographs.scale.found import Extent, PixelSize
from microdb.micrographs.scale.units import length, number
from microdb.micrographs.scale.vendors.tags import Tags

NAME = "Zeiss"
CZ_SEM = 34118
TAGS = (CZ_SEM,)
STANDARD_WIDTH = 1024
"""Pixels across for which a Zeiss file gives its pixel size, however many it stores."""

DIFFERENT = 0.02
"""Relative difference of the two sizes that their rounding does not explain."""
USUAL_WIDTHS = (512, 1024, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768)
"""Widths that the program stores; another one, without the stored width in the text, may be a crop."""


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """The fourth unnamed value: metres a pixel at a width of 1024; else the named size of an image's pixel.

    AP_PIXEL_SIZE is not used: it is the monitor's.
    """
    block = _block(tags)
    numbers, text = _of_numbers(block, picture), _of_text(block)
    size, stored = numbers or text, _stored_width(block)
    if size is None:
        return None
    if numbers and text and (stored or picture.width) == STANDARD_WIDTH and _differ(numbers, text):
        origin = f"{numbers.origin}; {text.origin}"
        return PixelSize(size.across, size.down, origin, doubt=_("its two pixel sizes differ"))
    if stored is None and picture.width not in USUAL_WIDTHS:
        doubt = f"no stored width is given, and {picture.width} is none that Zeiss stores"
        return PixelSize(size.across, size.down, size.origin, doubt=doubt)
    return size.for_width(stored or picture.width, picture, "Store resolution")


def acquisition(tags: Tags) -> AcquisitionFound:
    block = _block(tags)
    return AcquisitionFound(
        kilovolts=first_number(_amount(block, name, "kv", "v") for name in ("ap_actualkv", "ap_manualkv")),
        working_distance=(metres := _length(block, "ap_wd")) and metres / 1000,
        magnification=_magnification(_text(block, "ap_mag")),
        detector=first_text(_text(block, "dp_detector_channel"), _text(block, "dp_detector_type")),
        instrument=first_text(_text(block, "dp_sem"), _text(block, "sv_serial_number")),
        date=recorded_date(_text(block, "ap_date")),
        operator=_text(block, "sv_user_name"),
        record={str(name) or "numbers": value for name, value in block.items()},
    )


def _differ(numbers: PixelSize, text: PixelSize) -> bool:
    return abs(numbers.across - text.across) > DIFFERENT * text.across


def _block(tags: Tags) -> Mapping[str, Any]:
    return tags[CZ_SEM] if isinstance(tags.get(CZ_SEM), dict) else {}


def _of_numbers(block: Mapping[str, Any], picture: Extent) -> PixelSize | None:
    unnamed: Sequence[Any] = block.get("", ())
    if len(unnamed) < 4:
        return None
    stored = _stored_width(block) or picture.width
    across = number(unnamed[3]) * 1e6 * STANDARD_WIDTH / stored
    origin = f"Zeiss CZ_SEM pixel size = {unnamed[3]} m at {STANDARD_WIDTH} of {stored} pixels"
    return PixelSize(across, across, origin)


def _of_text(block: Mapping[str, Any]) -> PixelSize | None:
    size = _length(block, "ap_image_pixel_size")
    if size is None:
        return None
    return PixelSize(size, size, f"Zeiss Image Pixel Size = {_text(block, 'ap_image_pixel_size')}")


def _stored_width(block: Mapping[str, Any]) -> int | None:
    """Of ``Store resolution = 1024 * 768``."""
    found = re.match(r"\s*(\d+)\s*[*xX×]", _text(block, "dp_image_store"))
    return (int(found.group(1)) or None) if found else None


def _text(block: Mapping[str, Any], name: str) -> str:
    """Value and unit of a named entry, which tifffile gives as name, value and perhaps unit."""
    entry = block.get(name, ())
    return " ".join(str(part) for part in entry[1:])


def _length(block: Mapping[str, Any], name: str) -> float | None:
    """Micrometres."""
    text = _text(block, name)
    return length(text) if text else None


def _amount(block: Mapping[str, Any], name: str, thousand: str, one: str) -> float | None:
    amount, _space, unit = _text(block, name).partition(" ")
    factor = {thousand: 1.0, one: 0.001}.get(unit.strip().lower())
    return None if factor is None else number(amount) * factor


def _magnification(text: str) -> float | None:
    """``5.00 K X`` or ``250 X``."""
    found = re.match(r"\s*([\d.,]+)\s*([kKmM]?)\s*[xX]?", text)
    if found is None:
        return None
    return number(found.group(1)) * {"": 1, "k": 1e3, "m": 1e6}[found.group(2).lower()]
