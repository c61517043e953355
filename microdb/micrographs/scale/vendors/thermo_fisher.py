"""Thermo Fisher XML in tag 34683."""

from microdb.micrographs.scale.found import PixelSize
from microdb.micrographs.scale.units import micrometres, number
from microdb.micrographs.scale.vendors.tags import Tags, tag_text
from microdb.micrographs.scale.vendors.xml import parsed_xml

METADATA = 34683
TAGS = (METADATA,)


def pixel_size(tags: Tags, width: int) -> PixelSize | None:
    """``BinaryResult/PixelSize`` with ``X`` and ``Y`` in their unit."""
    root = parsed_xml(tag_text(tags.get(METADATA)))
    size = None if root is None else root.find(".//{*}BinaryResult/{*}PixelSize")
    across = None if size is None else size.find("{*}X")
    if size is None or across is None:
        return None
    down = size.find("{*}Y")
    lengths = []
    for side in (across, across if down is None else down):
        factor = micrometres(side.get("unit", ""))
        lengths.append(number(side.text) * factor if factor else float("nan"))
    return PixelSize(lengths[0], lengths[1], f"Thermo Fisher PixelSize = {across.text} {across.get('unit', '')}")
