"""Fibics, also as Zeiss Atlas: XML in tag 51023."""

from dataclasses import replace
from math import hypot

from django.utils.translation import gettext as _

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_text, recorded_date
from microdb.micrographs.scale.found import SAME_WITHIN, Extent, PixelSize, unknown_unit
from microdb.micrographs.scale.units import length, number, stated
from microdb.micrographs.scale.vendors.tags import Tags, tag_text
from microdb.micrographs.scale.vendors.xml import Element, children_of, parsed_xml

NAME = "Fibics"
FIBICS = 51023
TAGS = (FIBICS,)


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """The field of view ``FOV_X`` with its unit over the ``Width`` of the image; the same down."""
    root = _root(tags)
    across, down = (_of_field(root, *names) for names in (("FOV_X", "Width"), ("FOV_Y", "Height")))
    if root is None or across is None:
        return None
    side, pixels, origin = across
    if side is None or (down and down[0] is None):
        return unknown_unit(origin)
    size = PixelSize(side, down[0] if down and down[0] else side, origin)
    if not _fits_step(root, size):
        return replace(size, doubt=_("the step of the scan is another"))
    return size.for_width(pixels, picture, "Width")


def acquisition(tags: Tags) -> AcquisitionFound:
    root = _root(tags)
    if root is None:
        return AcquisitionFound()
    return AcquisitionFound(
        detector=first_text(root.findtext("Image/Detector")),
        date=recorded_date(root.findtext("Application/Date", "")),
        record=children_of(root),
    )


def _root(tags: Tags) -> Element | None:
    return parsed_xml(tag_text(tags.get(FIBICS)))


def _of_field(root: Element | None, field_name: str, pixels_name: str) -> tuple[float | None, float, str] | None:
    """Micrometres a pixel (None for an unknown unit), the stored pixels, and the quoted field; None where it misses."""
    field = None if root is None else root.find(f"Scan/{field_name}")
    if root is None or field is None:
        return None
    pixels = number(root.findtext(f"Image/{pixels_name}", ""))
    unit = field.get("units", "")
    origin = f"Fibics {field_name} = {stated(field.text or '', unit)} over {pixels:g} pixels"
    whole = length(field.text or "", unit)
    return None if whole is None else whole / pixels, pixels, origin


def _fits_step(root: Element, size: PixelSize) -> bool:
    """Whether the step from pixel to pixel, in micrometres where it is given, is the size."""
    steps = [number(root.findtext(f"Scan/{name}", "")) for name in ("Ux", "Uy")]
    step = hypot(*steps)
    return not step > 0 or abs(step - size.across) <= SAME_WITHIN * size.across
