"""What a TIFF's metadata say of its scale and its microscope, as each vendor writes it. Never dpi, a print size.

To add a vendor, add a module to ``vendors`` and its reader to ``READERS``.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import IO
from xml.etree import ElementTree

from django.utils.translation import gettext as _
from tifffile import TiffFile, TiffPage

from microdb.micrographs.files.file_format import file_format
from microdb.micrographs.files.tiff import full_pages, open_tiff, page_at
from microdb.micrographs.scale.acquisition import AcquisitionFound
from microdb.micrographs.scale.found import Extent, ScaleFound, checked_size
from microdb.micrographs.scale.vendors import (
    fei,
    fibics,
    fibsem,
    fluoview,
    gatan,
    imagej,
    jeol,
    lsm,
    metamorph,
    micromanager,
    olympus,
    ome,
    tescan,
    thermo_fisher,
    tvips,
    zeiss,
)
from microdb.micrographs.scale.vendors.tags import DESCRIPTION, SHARED, UNREAD, Tags

READERS = (
    *(fei, fibics, zeiss, lsm, olympus, fluoview, tescan, thermo_fisher, gatan, tvips, metamorph, micromanager),
    *(ome, jeol, fibsem, imagej),
)
"""Tried in this order; the first that finds a size decides."""
MOST_BLOCK = 2**20
"""Bytes of a vendor's block; they have up to 100 KB."""
LONGEST = {DESCRIPTION: 2**24, zeiss.CZ_SEM: 2**17}
"""Other limits: tifffile reads the lines of a Zeiss block, which has 30 KB, in a time that grows with their square."""
TAGS = frozenset().union(*(reader.TAGS for reader in READERS))
DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    RecursionError,
    struct.error,
    ElementTree.ParseError,
)
"""What damaged metadata makes their readers raise."""


@dataclass(frozen=True)
class Metadata:
    """What the metadata of one picture say."""

    scale: ScaleFound = field(default_factory=ScaleFound)
    acquisition: AcquisitionFound = field(default_factory=AcquisitionFound)


def read_metadata(file: IO[bytes], page: int = 0) -> Metadata:
    """The metadata of the page whose pixels are shown; a scale only if it is possible, and that page's own."""
    if file_format(file) != "TIFF":
        return Metadata()
    try:
        with open_tiff(file) as tiff:
            found = {number: _read_page(tiff, number) for number in {page, *full_pages(tiff)}}
    except DAMAGE:
        return Metadata()  # the pixels may still be readable, and a missing scale is shown
    scale = _scale_of_shown({number: one.scale for number, one in found.items()}, page)
    return Metadata(
        scale,
        next((one.acquisition for one in _shown_first(found, page) if one.acquisition.record), AcquisitionFound()),
    )


def _read_page(tiff: TiffFile, number: int) -> Metadata:
    """Nothing of a page whose directory is damaged; the others may be whole."""
    try:
        return _of_page(page_at(tiff, number))
    except DAMAGE:
        return Metadata()


def scale_in_metadata(file: IO[bytes], page: int = 0) -> ScaleFound:
    """The scale alone."""
    return read_metadata(file, page).scale


def _shown_first(found: Mapping[int, Metadata], page: int) -> list[Metadata]:
    return [found[number] for number in sorted(found, key=lambda number: (number != page, number))]


def _scale_of_shown(found: Mapping[int, ScaleFound], page: int) -> ScaleFound:
    """The scale of this page; a note where only another page has one."""
    own = found[page]
    other = next((number for number, one in sorted(found.items()) if one.pixels_per_micrometre is not None), None)
    if own.pixels_per_micrometre is not None or own.contradicted:
        return own
    if other is None:
        seen = next(((number, one.note) for number, one in sorted(found.items()) if one.note), None)
        if own.note or seen is None:
            return own
        return ScaleFound(note=_("Page %(number)d: %(note)s") % {"number": seen[0] + 1, "note": seen[1]})
    return ScaleFound(
        note=_("Not taken, for it is the scale of page %(other)d, and page %(page)d is shown: %(note)s")
        % {"other": other + 1, "page": page + 1, "note": found[other].note}
    )


def _of_page(page: TiffPage) -> Metadata:
    tags = {}
    for code in TAGS & set(page.tags.keys()):
        tag = page.tags[code]
        if tag.valuebytecount > LONGEST.get(code, MOST_BLOCK):
            continue
        try:
            tags[code] = tag.value
        except DAMAGE:
            continue  # damaged; another vendor's tag may be whole
    picture = Extent(page.imagewidth, page.imagelength)
    scale = next((scale for reader in READERS if (scale := _scale_of(reader, tags, picture))), None)
    return Metadata(scale or ScaleFound(note=_seen(page, tags)), _acquisition_of(tags))


def _scale_of(reader: ModuleType, tags: Tags, picture: Extent) -> ScaleFound | None:
    try:
        size = reader.pixel_size(tags, picture)
    except DAMAGE:
        return None  # metadata of another kind, or damaged
    return checked_size(size) if size else None


def _acquisition_of(tags: Tags) -> AcquisitionFound:
    """Of all readers together; the first to know a field decides it."""
    found = AcquisitionFound()
    for reader in READERS:
        try:
            own = reader.acquisition(tags)
        except DAMAGE:
            continue
        if own.record:
            found = found.completed_by(own.under(reader.NAME))
    return found


def _seen(page: TiffPage, tags: Tags) -> str:
    """Which vendors' metadata stand in a page that has no pixel size; empty where none do."""
    notes = []
    for reader in READERS:
        own = [code for code in reader.TAGS if code in page.tags and code not in SHARED]
        if own:
            notes.append(_seen_tag(own[0], reader.NAME))
        elif set(reader.TAGS) & SHARED and reader.is_marked(tags):
            notes.append(_("The description of %s was found, but it holds no pixel size.") % reader.NAME)
    unread = {name: code for code, name in reversed(UNREAD.items()) if code in page.tags}
    notes += [_unread_tag(code, name) for name, code in unread.items()]
    return " ".join(notes)


def _seen_tag(code: int, name: str) -> str:
    return _("TIFF tag %(code)d (%(name)s) was found, but it holds no pixel size.") % {"code": code, "name": name}


def _unread_tag(code: int, name: str) -> str:
    return _("TIFF tag %(code)d (%(name)s) was found, but it is not read.") % {"code": code, "name": name}
