"""FEI and Thermo Fisher: sections of names and values in tags 34680 and 34682."""

from collections.abc import Mapping
from typing import Any

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_number, first_text, recorded_date
from microdb.micrographs.scale.found import Extent, PixelSize
from microdb.micrographs.scale.units import number
from microdb.micrographs.scale.vendors.tags import Tags

NAME = "FEI"
TAGS = (34680, 34682)
SCANS, BEAMS = ("EScan", "IScan"), ("IRBeam", "EBeam", "IBeam")
FIELDS = ("HorFieldsize", "HFW")
FIELD_TOLERANCE = 0.002
"""Relative; field width over pixel width is the stored width, but for the digits that were written."""


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """``[Scan] PixelWidth`` in metres, else the active beam's; else its field width over ``[Image] ResolutionX``."""
    metadata = _metadata(tags)
    size = _of_scan(metadata) or _of_beam(metadata)
    if size is None:
        return None
    return _for_stored_width(size, metadata, picture)


def acquisition(tags: Tags) -> AcquisitionFound:
    metadata = _metadata(tags)
    beam, user = _section(metadata, _active_beam(metadata) or "EBeam"), _section(metadata, "User")
    volts, metres = (
        first_number(number(one.get(name)) for one in (beam, _section(metadata, "Beam"))) for name in ("HV", "WD")
    )
    system = _section(metadata, "System")
    return AcquisitionFound(
        kilovolts=volts and volts / 1000,
        working_distance=metres and metres * 1000,
        detector=first_text(_section(metadata, "Detectors").get("Name")),
        instrument=first_text(system.get("SystemType"), system.get("Type")),
        date=recorded_date(user.get("Date", "")),
        operator=first_text(user.get("User"), user.get("UserText")),
        record=metadata,
    )


def _metadata(tags: Tags) -> Mapping[str, Any]:
    return next((tags[code] for code in TAGS if isinstance(tags.get(code), dict) and tags[code]), {})


def _for_stored_width(size: PixelSize, metadata: Mapping[str, Any], picture: Extent) -> PixelSize:
    """The stored width is ``ResolutionX``; without it, the field of view over the width of a pixel."""
    image = _section(metadata, "Image")
    if "ResolutionX" in image:
        return size.for_width(number(image["ResolutionX"]), picture, "ResolutionX")
    sections = ("Scan", *SCANS, _active_beam(metadata) or "EBeam")
    fields = ((name, number(_section(metadata, each).get(name))) for each in sections for name in FIELDS)
    name, field = next(((name, field) for name, field in fields if field > 0), ("", 0.0))
    if not field or not size.across > 0:
        return size
    stored = field * 1e6 / size.across
    if abs(stored - picture.width) <= max(1.0, FIELD_TOLERANCE * picture.width):
        return size
    return size.for_width(round(stored), picture, f"{name} / PixelWidth")


def _of_scan(metadata: Mapping[str, Any]) -> PixelSize | None:
    active = str(_section(metadata, "Beam").get("Scan", "")) or _scan_of(_active_beam(metadata))
    if "PixelWidth" not in _section(metadata, "Scan"):
        sizes = [_in_metres(metadata, name) for name in SCANS if active in ("", name)]
        return _agreed([size for size in sizes if size])
    sizes = [_in_metres(metadata, name) for name in ("Scan", active) if name]
    return _agreed([size for size in sizes if size])


def _in_metres(metadata: Mapping[str, Any], name: str) -> PixelSize | None:
    scan = _section(metadata, name)
    if "PixelWidth" not in scan:
        return None
    across = scan["PixelWidth"]
    down = scan.get("PixelHeight", across)
    return PixelSize(number(across) * 1e6, number(down) * 1e6, f"FEI {name}.PixelWidth = {across} m")


def _of_beam(metadata: Mapping[str, Any]) -> PixelSize | None:
    active, image = _active_beam(metadata), _section(metadata, "Image")
    sizes = []
    for beam in BEAMS:
        field = _section(metadata, beam)
        if active in ("", beam) and "HFW" in field:
            sizes.append(_of_field(beam, field, image))
    return _agreed(sizes)


def _of_field(beam: str, field: Mapping[str, Any], image: Mapping[str, Any]) -> PixelSize:
    """The width of the field over the stored width, which alone says how many pixels it had."""
    origin = f"FEI {beam}.HFW = {field['HFW']} m"
    if not number(image.get("ResolutionX")) > 0:
        return PixelSize(0, 0, origin, doubt="the file has no ResolutionX, so it may be cropped")
    across = number(field["HFW"]) / number(image["ResolutionX"])
    rows = number(image.get("ResolutionY"))
    down = number(field["VFW"]) / rows if "VFW" in field and rows > 0 else across
    return PixelSize(across * 1e6, down * 1e6, f"{origin} over {image['ResolutionX']} pixels")


def _agreed(sizes: list[PixelSize]) -> PixelSize | None:
    """The one size of several sections; where they differ, none can be taken."""
    if not sizes:
        return None
    first = sizes[0]
    if all(_alike(first, other) for other in sizes[1:]):
        return first
    return PixelSize(first.across, first.down, "; ".join(size.origin for size in sizes), doubt="the beams differ")


def _alike(first: PixelSize, other: PixelSize) -> bool:
    return abs(other.across - first.across) <= 0.01 * first.across and abs(other.down - first.down) <= 0.01 * first.down


def _active_beam(metadata: Mapping[str, Any]) -> str:
    return str(_section(metadata, "Beam").get("Beam", ""))


def _scan_of(beam: str) -> str:
    return {"EBeam": "EScan", "IBeam": "IScan"}.get(beam, "")


def _section(metadata: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = metadata.get(name, {})
    return found if isinstance(found, dict) else {}
