"""OME-TIFF, https://docs.openmicroscopy.org/ome-model/."""

from xml.etree import ElementTree

from django.utils.translation import gettext as _

from microdb.micrographs.scale.found import PixelSize
from microdb.micrographs.scale.units import micrometres
from microdb.micrographs.scale.vendors.tags import DESCRIPTION, Tags, tag_text

TAGS = (DESCRIPTION,)


def pixel_size(tags: Tags, width: int) -> PixelSize | None:
    """``PhysicalSizeX`` and ``PhysicalSizeY`` of the first image, in µm unless their unit says otherwise."""
    text = tag_text(tags.get(DESCRIPTION))
    # OME has no document type; one with entities is an attack
    if "<OME" not in text or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    images = ElementTree.fromstring(text.encode()).findall("{*}Image/{*}Pixels")
    pixels = images[0] if images else None
    if pixels is None or not (size := pixels.get("PhysicalSizeX")):
        return None
    unit = pixels.get("PhysicalSizeXUnit", "µm")
    across, down = micrometres(unit), micrometres(pixels.get("PhysicalSizeYUnit", unit))
    if across is None or down is None:
        return None
    down *= float(pixels.get("PhysicalSizeY", size))
    one = [(other.get("PhysicalSizeX"), other.get("PhysicalSizeXUnit", "µm")) for other in images]
    doubt = "" if len(set(one)) == 1 else _("the images of the file have different pixel sizes")
    found = PixelSize(float(size) * across, down, f"OME PhysicalSizeX = {size} {unit}", doubt)
    stored = pixels.get("SizeX")
    return found.for_width(int(stored), width, "SizeX") if stored and not doubt else found
