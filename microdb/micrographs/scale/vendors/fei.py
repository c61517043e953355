"""FEI and Thermo Fisher."""

from typing import Any

from microdb.micrographs.scale.found import PixelSize
from microdb.micrographs.scale.vendors.tags import Tags

TAGS = (34680, 34682)


def pixel_size(tags: Tags, width: int) -> PixelSize | None:
    """``[Scan] PixelWidth`` in metres; else the beam's field width over ``[Image] ResolutionX``."""
    metadata: dict[str, Any] = next((tags[code] for code in TAGS if isinstance(tags.get(code), dict)), {})
    scan = metadata.get("Scan", {})
    if across := scan.get("PixelWidth"):
        down = scan.get("PixelHeight", across)
        return PixelSize(float(across) * 1e6, float(down) * 1e6, f"FEI Scan.PixelWidth = {across} m")
    image = metadata.get("Image", {})
    for beam in ("IRBeam", "EBeam", "IBeam"):
        field = metadata.get(beam, {})
        if "HFW" in field and "ResolutionX" in image:
            across = float(field["HFW"]) / float(image["ResolutionX"])
            down = float(field["VFW"]) / float(image["ResolutionY"]) if "VFW" in field else across
            origin = f"FEI {beam}.HFW = {field['HFW']} m over {image['ResolutionX']} pixels"
            return PixelSize(across * 1e6, down * 1e6, origin)
    return None
