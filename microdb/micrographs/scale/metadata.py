"""Pixels per micrometre from the metadata of a TIFF, as each vendor writes it. Never dpi, which is a print size.

To add a vendor, add a module to ``vendors`` and its reader to ``READERS``.
"""

import struct
from collections.abc import Mapping
from typing import IO
from xml.etree import ElementTree

from django.utils.translation import gettext as _
from tifffile import TiffPage

from microdb.micrographs.files.file_format import file_format
from microdb.micrographs.files.tiff import full_pages, open_tiff, page_at
from microdb.micrographs.scale.found import ScaleFound, checked_size
from microdb.micrographs.scale.vendors import fei, gatan, imagej, jeol, olympus, ome, tescan, thermo_fisher, zeiss

READERS = (fei, zeiss, olympus, tescan, thermo_fisher, gatan, ome, jeol, imagej)
"""Tried in this order; the first that finds its own metadata decides."""
TAGS = frozenset().union(*(reader.TAGS for reader in READERS))
DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    struct.error,
)
"""What damaged metadata makes their readers raise."""


def scale_in_metadata(file: IO[bytes], page: int | None = None) -> ScaleFound:
    """The scale in the metadata of the page whose pixels are shown, if there is one and it is possible.

    Without ``page`` it is not known yet which of several full pages that is: their scale is taken only if they agree.
    """
    if file_format(file) != "TIFF":
        return ScaleFound()
    try:
        with open_tiff(file) as tiff:
            pages = full_pages(tiff)
            found = {number: _scale_of(page_at(tiff, number)) for number in pages}
    except DAMAGE:
        return ScaleFound()  # the pixels may still be readable, and a missing scale is shown
    if page is not None:
        return _of_page(found, page)
    scales = {one.pixels_per_micrometre for one in found.values()}
    if len(scales) == 1:
        return found[pages[0]]
    return ScaleFound(note=_("Not taken, for the pages of the file have different scales."))


def _of_page(found: Mapping[int, ScaleFound], page: int) -> ScaleFound:
    """The scale of this page; a note where only another page has one."""
    own = found.get(page, ScaleFound())
    if own != ScaleFound():
        return own
    other = next((number for number, one in found.items() if one.pixels_per_micrometre is not None), None)
    if other is None:
        return own
    return ScaleFound(
        note=_("Not taken, for it is the scale of page %(other)d, and page %(page)d is shown: %(note)s")
        % {"other": other + 1, "page": page + 1, "note": found[other].note}
    )


def _scale_of(page: TiffPage) -> ScaleFound:
    tags = {}
    for code in TAGS & set(page.tags.keys()):
        try:
            tags[code] = page.tags[code].value
        except DAMAGE:
            continue  # damaged; another vendor's tag may be whole
    for reader in READERS:
        try:
            size = reader.pixel_size(tags, page.imagewidth)
        except (*DAMAGE, ElementTree.ParseError):
            continue  # metadata of another kind, or damaged
        if size:
            return checked_size(size)
    return ScaleFound()
