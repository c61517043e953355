"""Thermo Fisher and Phenom: XML in tag 34683."""

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_number, first_text, recorded_date
from microdb.micrographs.scale.found import Extent, PixelSize, unknown_unit
from microdb.micrographs.scale.units import length, number, stated
from microdb.micrographs.scale.vendors.tags import Tags, tag_text
from microdb.micrographs.scale.vendors.xml import Element, children_of, local_name, parsed_xml

NAME = "Thermo Fisher"
METADATA = 34683
TAGS = (METADATA,)
ACROSS, DOWN = ("pixelwidth", "pixelsizex"), ("pixelheight", "pixelsizey")


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """``BinaryResult/PixelSize`` with ``X`` and ``Y``; Phenom's ``pixelWidth`` and ``pixelHeight``, with their unit."""
    root = _root(tags)
    if root is None:
        return None
    size = root.find(".//{*}PixelSize")
    if size is not None and size.find("{*}X") is not None:
        return _of_sides("Thermo Fisher PixelSize", size.find("{*}X"), size.find("{*}Y"))
    return _of_sides("Phenom pixelWidth", _named(root, *ACROSS), _named(root, *DOWN))


def acquisition(tags: Tags) -> AcquisitionFound:
    root = _root(tags)
    if root is None:
        return AcquisitionFound()
    volts = _named(root, "accelerationvoltage", "highvoltage")
    distance = _named(root, "workingdistance")
    return AcquisitionFound(
        kilovolts=_kilovolts(volts),
        working_distance=_millimetres(distance),
        magnification=first_number([number(_text(root, "magnification"))]),
        detector=first_text(_text(root, "detectorname", "detector")),
        instrument=first_text(_text(root, "instrumentclass", "instrumentmodel", "edition")),
        date=recorded_date(_text(root, "acquisitiondatetime", "acquisitiondate", "time")),
        operator=_text(root, "userid", "username"),
        record=children_of(root),
    )


def _root(tags: Tags) -> Element | None:
    return parsed_xml(tag_text(tags.get(METADATA)))


def _of_sides(name: str, across: Element | None, down: Element | None) -> PixelSize | None:
    if across is None:
        return None
    lengths = [length(side.text or "", side.get("unit", "")) for side in (across, across if down is None else down)]
    origin = f"{name} = {stated(across.text or '', across.get('unit', ''))}"
    if lengths[0] is None or lengths[1] is None:
        return unknown_unit(origin)
    return PixelSize(lengths[0], lengths[1], origin)


def _named(root: Element, *names: str) -> Element | None:
    """The first element of one of these names, in lower case."""
    return next((one for one in root.iter() if local_name(one).lower() in names), None)


def _text(root: Element, *names: str) -> str:
    found = _named(root, *names)
    return "" if found is None else (found.text or "").strip()


def _kilovolts(volts: Element | None) -> float | None:
    if volts is None:
        return None
    factor = {"kv": 1.0}.get(volts.get("unit", "V").lower(), 0.001)
    return first_number([abs(number(volts.text)) * factor])


def _millimetres(distance: Element | None) -> float | None:
    if distance is None:
        return None
    found = first_number([length(distance.text or "", distance.get("unit", "m"))])
    return found and found / 1000
