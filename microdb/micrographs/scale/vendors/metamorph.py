"""MetaMorph: named values in tag 33628 of its stacks, XML in the description of its other files."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_number, recorded_date
from microdb.micrographs.scale.found import Extent, PixelSize, unknown_unit
from microdb.micrographs.scale.units import micrometres, number
from microdb.micrographs.scale.vendors.tags import DESCRIPTION, Tags, tag_text
from microdb.micrographs.scale.vendors.xml import parsed_xml

NAME = "MetaMorph"
UIC1 = 33628
TAGS = (UIC1, DESCRIPTION)
MARK = "<MetaData>"


def is_marked(tags: Tags) -> bool:
    """Whether the description is MetaMorph's XML."""
    return tag_text(tags.get(DESCRIPTION)).lstrip().startswith(MARK)


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """``XCalibration`` with ``CalibrationUnits``; in XML ``spatial-calibration-x`` with its units, if it is on."""
    block, named = _block(tags), _named(tags)
    if "XCalibration" in block:
        unit = str(block.get("CalibrationUnits", ""))
        sides = block["XCalibration"], block.get("YCalibration", block["XCalibration"])
        return _size("MetaMorph XCalibration", sides, unit, is_on=bool(block.get("SpatialCalibration", 1)))
    if "spatial-calibration-x" not in named:
        return None
    across = named["spatial-calibration-x"]
    size = _size(
        "MetaMorph spatial-calibration-x",
        (across, named.get("spatial-calibration-y", across)),
        named.get("spatial-calibration-units", ""),
        is_on=named.get("spatial-calibration-state", "on").lower() == "on",
    )
    stored = number(named.get("pixel-size-x", 0))
    return size.for_width(stored, picture, "pixel-size-x") if stored > 0 else size


def acquisition(tags: Tags) -> AcquisitionFound:
    named = _named(tags)
    return AcquisitionFound(
        magnification=first_number([number(named.get("_MagSetting_", "").rstrip("xX"))]),
        date=recorded_date(_dashed(named.get("acquisition-time-local", ""))),
        record={**named, **_block(tags)},
    )


def _size(name: str, sides: tuple[Any, Any], unit: str, *, is_on: bool) -> PixelSize:
    origin = f"{name} = {number(sides[0]):.6g} {unit}".rstrip()
    factor = micrometres(unit)
    if not is_on:
        return PixelSize(0, 0, origin, doubt=_("its calibration is switched off"))
    if factor is None:
        return unknown_unit(origin)
    return PixelSize(number(sides[0]) * factor, number(sides[1]) * factor, origin)


def _block(tags: Tags) -> Mapping[str, Any]:
    return tags[UIC1] if isinstance(tags.get(UIC1), dict) else {}


def _named(tags: Tags) -> Mapping[str, str]:
    """The values of ``<prop id="name" value="…"/>``, also in groups, by their name."""
    root = parsed_xml(tag_text(tags.get(DESCRIPTION))) if is_marked(tags) else None
    found = [] if root is None else root.iter()
    return {one.attrib["id"]: one.get("value", "") for one in found if "id" in one.attrib}


def _dashed(text: str) -> str:
    """``20200131 10:20:30`` as ``2020-01-31 10:20:30``."""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if text[:8].isdigit() else text
