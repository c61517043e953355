"""FEI and Thermo Fisher."""

from collections.abc import Mapping
from typing import Any

from microdb.micrographs.scale.found import PixelSize
from microdb.micrographs.scale.units import number
from microdb.micrographs.scale.vendors.tags import Tags

TAGS = (34680, 34682)
SCANS, BEAMS = ("EScan", "IScan"), ("IRBeam", "EBeam", "IBeam")


def pixel_size(tags: Tags, width: int) -> PixelSize | None:
    """``[Scan] PixelWidth`` in metres, else the active beam's; else its field width over ``[Image] ResolutionX``."""
    metadata: dict[str, Any] = next((tags[code] for code in TAGS if isinstance(tags.get(code), dict)), {})
    size = _of_scan(metadata) or _of_beam(metadata)
    if size is None:
        return None
    stored = number(_section(metadata, "Image").get("ResolutionX", width))
    return size.for_width(stored, width, "ResolutionX")


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
        if active in ("", beam) and "HFW" in field and "ResolutionX" in image:
            across = number(field["HFW"]) / number(image["ResolutionX"])
            down = number(field["VFW"]) / number(image["ResolutionY"]) if "VFW" in field else across
            origin = f"FEI {beam}.HFW = {field['HFW']} m over {image['ResolutionX']} pixels"
            sizes.append(PixelSize(across * 1e6, down * 1e6, origin))
    return _agreed(sizes)


def _agreed(sizes: list[PixelSize]) -> PixelSize | None:
    """The one size of several sections; where they differ, none can be taken."""
    if not sizes:
        return None
    first = sizes[0]
    if all(abs(other.across - first.across) <= 0.01 * first.across for other in sizes[1:]):
        return first
    return PixelSize(first.across, first.down, "; ".join(size.origin for size in sizes), doubt="the beams differ")


def _active_beam(metadata: Mapping[str, Any]) -> str:
    return str(_section(metadata, "Beam").get("Beam", ""))


def _scan_of(beam: str) -> str:
    return {"EBeam": "EScan", "IBeam": "IScan"}.get(beam, "")


def _section(metadata: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = metadata.get(name, {})
    return found if isinstance(found, dict) else {}
