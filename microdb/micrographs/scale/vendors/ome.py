"""OME-TIFF, https://docs.openmicroscopy.org/ome-model/."""

import re

from django.utils.translation import gettext as _

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_number, first_text, recorded_date
from microdb.micrographs.scale.found import Extent, PixelSize, unknown_unit
from microdb.micrographs.scale.units import length, number
from microdb.micrographs.scale.vendors.tags import DESCRIPTION, Tags, tag_text
from microdb.micrographs.scale.vendors.xml import Element, children_of, parsed_xml

NAME = "OME"
TAGS = (DESCRIPTION,)
MARK = re.compile(r"<(\w+:)?OME[\s>]")


def is_marked(tags: Tags) -> bool:
    return MARK.search(tag_text(tags.get(DESCRIPTION))) is not None


def pixel_size(tags: Tags, picture: Extent) -> PixelSize | None:
    """``PhysicalSizeX`` and ``PhysicalSizeY`` of the first image, in µm unless their unit says otherwise."""
    root = _root(tags)
    images = [] if root is None else root.findall("{*}Image/{*}Pixels")
    pixels = images[0] if images else None
    if pixels is None or not (size := pixels.get("PhysicalSizeX")):
        return None
    unit = pixels.get("PhysicalSizeXUnit", "µm")
    origin = f"OME PhysicalSizeX = {size} {unit}"
    across = length(size, unit)
    down = length(pixels.get("PhysicalSizeY", size), pixels.get("PhysicalSizeYUnit", unit))
    if across is None or down is None:
        return unknown_unit(origin)
    one = {tuple(image.get(f"PhysicalSize{name}") for name in ("X", "XUnit", "Y", "YUnit")) for image in images}
    if len(one) > 1:
        return PixelSize(across, down, origin, _("the images of the file have different pixel sizes"))
    stored = Extent(*(int(pixels.get(name, 0)) for name in ("SizeX", "SizeY")))
    found = PixelSize(across, down, origin)
    return found.for_width(stored.width, picture, "SizeX") if stored.width else found


def acquisition(tags: Tags) -> AcquisitionFound:
    root = _root(tags)
    if root is None:
        return AcquisitionFound()
    scope, detector, objective = (
        root.find(f".//{{*}}Instrument/{{*}}{name}") for name in ("Microscope", "Detector", "Objective")
    )
    return AcquisitionFound(
        magnification=first_number([number(_of(objective, "NominalMagnification"))]),
        detector=_of(detector, "Model"),
        instrument=_of(scope, "Model"),
        date=recorded_date(root.findtext(".//{*}Image/{*}AcquisitionDate", "")),
        record=children_of(root),
    )


def _root(tags: Tags) -> Element | None:
    return parsed_xml(tag_text(tags.get(DESCRIPTION))) if is_marked(tags) else None


def _of(element: Element | None, name: str) -> str:
    return "" if element is None else first_text(element.get(name))
