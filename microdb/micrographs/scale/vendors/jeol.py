"""JEOL: lines of “$NAME value” in the ``.txt`` file beside an image, and SightX's XML in the description."""

import re
from collections.abc import Mapping

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_number, first_text, recorded_date
from microdb.micrographs.scale.found import Extent, PixelSize, unknown_unit
from microdb.micrographs.scale.units import length, number, quantity
from microdb.micrographs.scale.vendors.tags import DESCRIPTION, Tags, tag_text
from microdb.micrographs.scale.vendors.xml import children_of, parsed_xml

NAME = "JEOL"
TAGS = (DESCRIPTION,)
MARK = "<TemReporter"
LINE = re.compile(r"^[^\S\n]*\$+(\w+)[ \t]+(\S.*)$", re.MULTILINE)
PHOTO_WIDTH = 128_000
"""Micrometres across the photo for which JEOL states its magnification."""


def is_marked(tags: Tags) -> bool:
    """Whether the description is SightX's."""
    return MARK in tag_text(tags.get(DESCRIPTION))


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """``PixelsPerMeter`` with ``Width`` and ``Height``."""
    root = parsed_xml(tag_text(tags.get(DESCRIPTION))) if is_marked(tags) else None
    density = None if root is None else root.find(".//{*}PixelsPerMeter")
    if density is None:
        return None
    across = density.findtext("{*}Width")
    down = density.findtext("{*}Height", across)
    sizes = [1e6 / number(side) if number(side) else 0.0 for side in (across, down)]
    return PixelSize(sizes[0], sizes[1], f"JEOL PixelsPerMeter = {across}")


def acquisition(tags: Tags) -> AcquisitionFound:
    root = parsed_xml(tag_text(tags.get(DESCRIPTION))) if is_marked(tags) else None
    return AcquisitionFound(record={} if root is None else children_of(root))


def is_text(text: str) -> bool:
    """Whether a text file is one of JEOL's."""
    return any(name.startswith(("CM_", "SM_")) for name in _values(text))


def size_in_text(text: str, picture: Extent) -> PixelSize | None:
    """The micron bar's length: ``SM_MICRON_BAR`` in pixels, ``SM_MICRON_MARKER`` with its unit.

    Without a bar the magnification, ``CM_MAG``, of a photo 128 mm wide, whose pixels ``CM_FULL_SIZE`` counts.
    """
    values = _values(text)
    stored = _full_size(values)
    size = _of_bar(values) or _of_magnification(values, stored)
    return size.for_extent(stored, picture, "CM_FULL_SIZE") if size and stored else size


def acquisition_in_text(text: str) -> AcquisitionFound:
    values = _values(text)
    return AcquisitionFound(
        kilovolts=first_number([number(values.get("CM_ACCEL_VOLT"))]),
        working_distance=first_number([quantity(values.get("SM_WD", ""), "mm")[0]]),
        magnification=first_number([number(values.get("CM_MAG"))]),
        detector=first_text(values.get("CM_SIGNAL"), values.get("CM_SIGNAL_NAME")),
        instrument=first_text(values.get("CM_INSTRUMENT")),
        date=recorded_date(values.get("CM_DATE", "")),
        operator=first_text(values.get("CM_OPERATOR")),
        record=values,
    )


def _values(text: str) -> Mapping[str, str]:
    return {name.upper(): value.rstrip() for name, value in LINE.findall(text.replace("\r", "\n"))}


def _full_size(values: Mapping[str, str]) -> Extent | None:
    found = re.match(r"(\d+)\D+(\d+)", values.get("CM_FULL_SIZE", ""))
    return Extent(int(found[1]), int(found[2])) if found and int(found[1]) else None


def _of_bar(values: Mapping[str, str]) -> PixelSize | None:
    if not values.get("SM_MICRON_BAR") or not values.get("SM_MICRON_MARKER"):
        return None
    pixels, marker = number(values["SM_MICRON_BAR"]), values["SM_MICRON_MARKER"]
    origin = f"JEOL micron bar = {marker} on {values['SM_MICRON_BAR']} pixels"
    micrometres = length(marker)
    if micrometres is None:
        return unknown_unit(origin)
    size = micrometres / pixels if pixels else 0.0
    return PixelSize(size, size, origin)


def _of_magnification(values: Mapping[str, str], stored: Extent | None) -> PixelSize | None:
    if not values.get("CM_MAG"):
        return None
    origin = f"JEOL CM_MAG = {values['CM_MAG']}"
    magnification = number(values["CM_MAG"])
    if stored is None:
        return PixelSize(0, 0, origin, doubt="the file has no CM_FULL_SIZE")
    size = PHOTO_WIDTH / magnification / stored.width if magnification else 0.0
    return PixelSize(size, size, f"{origin} on a photo {PHOTO_WIDTH // 1000} mm and {stored.width} pixels wide")
