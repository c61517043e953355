"""Pixels per micrometre from the metadata of a TIFF, as each vendor writes it. Never dpi, which is a print size.

To add a vendor, add a module to ``vendors`` and its reader to ``READERS``.
"""

import struct
from typing import IO
from xml.etree import ElementTree

import tifffile

from microdb.micrographs.files.file_format import file_format
from microdb.micrographs.scale.found import ScaleFound, checked_size
from microdb.micrographs.scale.vendors import fei, imagej, olympus, ome, zeiss

READERS = (fei, zeiss, olympus, ome, imagej)
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


def scale_in_metadata(file: IO[bytes]) -> ScaleFound:
    """The scale in the file's metadata, if there is one and it is possible."""
    if file_format(file) != "TIFF":
        return ScaleFound()
    file.seek(0)
    try:
        with tifffile.TiffFile(file) as tiff:
            page = tiff.pages.first
            tags = {code: page.tags[code].value for code in TAGS if code in page.tags}
            width = page.imagewidth
    except DAMAGE:
        return ScaleFound()  # the pixels may still be readable, and a missing scale is shown
    for reader in READERS:
        try:
            size = reader.pixel_size(tags, width)
        except (*DAMAGE, ElementTree.ParseError):
            continue  # metadata of another kind, or damaged
        if size:
            return checked_size(size)
    return ScaleFound()
