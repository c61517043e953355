"""JEOL SightX: XML in the description."""

from microdb.micrographs.scale.found import PixelSize
from microdb.micrographs.scale.units import number
from microdb.micrographs.scale.vendors.tags import DESCRIPTION, Tags, tag_text
from microdb.micrographs.scale.vendors.xml import parsed_xml

TAGS = (DESCRIPTION,)


def pixel_size(tags: Tags, width: int) -> PixelSize | None:
    """``PixelsPerMeter`` with ``Width`` and ``Height``."""
    text = tag_text(tags.get(DESCRIPTION))
    root = parsed_xml(text) if "<TemReporter" in text else None
    density = None if root is None else root.find(".//{*}PixelsPerMeter")
    if density is None:
        return None
    across = density.findtext("{*}Width")
    down = density.findtext("{*}Height", across)
    sizes = [1e6 / number(side) if number(side) else 0.0 for side in (across, down)]
    return PixelSize(sizes[0], sizes[1], f"JEOL PixelsPerMeter = {across}")
