"""Hitachi: ``[SemImageFile]`` in the ``.txt`` file beside an image."""

import re
from collections.abc import Mapping

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_number, first_text, recorded_date
from microdb.micrographs.scale.found import Extent, PixelSize, unknown_unit
from microdb.micrographs.scale.units import length, number, quantity, stated
from microdb.micrographs.scale.vendors.ini import sections_of

NAME = "Hitachi"
START = "[SemImageFile]"


def is_text(text: str) -> bool:
    return START.lower() in text.lower()


def size_in_text(text: str, picture: Extent) -> PixelSize | None:
    """``PixelSize`` in nanometres, stated for a picture of ``DataSize``."""
    values = _values(text)
    if not values.get("pixelsize"):
        return None
    origin = f"Hitachi PixelSize = {stated(values['pixelsize'], 'nm')}"
    side = length(values["pixelsize"], "nm")
    size = unknown_unit(origin) if side is None else PixelSize(side, side, origin)
    stored = re.match(r"\s*(\d+)\D+(\d+)", values.get("datasize", ""))
    if stored is None:
        return size
    return size.for_extent(Extent(int(stored[1]), int(stored[2])), picture, "DataSize")


def acquisition_in_text(text: str) -> AcquisitionFound:
    values = _values(text)
    volts = first_number([_in(values.get("acceleratingvoltage", ""), {"": 1, "v": 1, "volt": 1, "kv": 1000})])
    distance = first_number([length(values.get("workingdistance", ""), "um")])
    return AcquisitionFound(
        kilovolts=volts and volts / 1000,
        working_distance=distance and distance / 1000,
        magnification=first_number([number(values.get("magnification"))]),
        detector=first_text(values.get("signalname"), values.get("signal")),
        instrument=first_text(values.get("instructname"), values.get("instrumentname"), values.get("serialnumber")),
        date=recorded_date(values.get("date", "")),
        operator=first_text(values.get("operator"), values.get("username")),
        record=sections_of(text),
    )


def _values(text: str) -> Mapping[str, str]:
    """The values by name in lower case: instruments differ in that."""
    sections = {name.lower(): values for name, values in sections_of(text).items()}
    return {name.lower(): value for name, value in sections.get("semimagefile", {}).items()}


def _in(text: str, factors: Mapping[str, float]) -> float | None:
    amount, unit = quantity(text)
    factor = factors.get(unit.lower())
    return None if factor is None else amount * factor
