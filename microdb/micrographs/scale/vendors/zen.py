"""Zeiss ZEN: the XML that is exported beside an image, with the elements of a CZI file."""

from microdb.micrographs.scale.acquisition import AcquisitionFound, first_number, first_text, recorded_date
from microdb.micrographs.scale.found import Extent, PixelSize
from microdb.micrographs.scale.units import number
from microdb.micrographs.scale.vendors.xml import Element, children_of, parsed_xml

NAME = "Zeiss ZEN"
MARKS = ("<Scaling", "<Distance")


def is_text(text: str) -> bool:
    return all(mark in text for mark in MARKS)


def size_in_text(text: str, picture: Extent) -> PixelSize | None:
    """``Distance`` of x and y in ``Scaling/Items``, in metres, stated for ``SizeX`` pixels."""
    root = parsed_xml(text)
    across, down = _distance(root, "X"), _distance(root, "Y")
    if root is None or not across:
        return None
    size = PixelSize(number(across) * 1e6, number(down or across) * 1e6, f"Zeiss ZEN Distance of X = {across} m")
    width = number(root.findtext(".//Information/Image/SizeX", ""))
    return size.for_width(width, picture, "SizeX") if width > 0 else size


def acquisition_in_text(text: str) -> AcquisitionFound:
    root = parsed_xml(text)
    if root is None:
        return AcquisitionFound()
    instrument = root.find(".//Instrument")
    return AcquisitionFound(
        magnification=first_number([number(root.findtext(".//Objective/NominalMagnification", ""))]),
        instrument="" if instrument is None else first_text(instrument.findtext(".//Microscope/System")),
        date=recorded_date(root.findtext(".//Image/AcquisitionDateAndTime", "")),
        record=children_of(root),
    )


def _distance(root: Element | None, side: str) -> str:
    found = None if root is None else root.find(f".//Scaling/Items/Distance[@Id='{side}']/Value")
    return "" if found is None else (found.text or "").strip()
