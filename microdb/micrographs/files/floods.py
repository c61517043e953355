"""Files made of too many parts, which decoders take minutes for: refused before anything is decoded.

It walks a whole file, so it runs in the child process that reads files, never in a web process.
"""

import re
import struct
from collections.abc import Callable
from typing import IO

from django.utils.translation import gettext as _

from microdb.micrographs.files.file_format import first_bytes
from microdb.micrographs.files.header import (
    END_OF_HEADER,
    MOST_SEGMENTS,
    WITHOUT_LENGTH,
    BadHeaderError,
    TiffLayout,
    flooded,
    next_marker,
    skip_segment,
)

MOST_SCANS = 100
"""Of a JPEG; encoders write 10 to 20."""
MOST_METADATA = 2**24
"""Bytes in the segments of a JPEG or the tags of a TIFF directory; a colour profile alone may have 16 MB."""
MOST_CHUNKS = 2000
"""Of a PNG, beside those that hold its pixels."""
MOST_PIXEL_CHUNKS = 200_000
MOST_DIRECTORIES = 16
"""As many as are looked at."""
MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
PIXELS_AND_THEIR_PLACES = {273, 279, 288, 289, 324, 325}
BLOCK = 2**20


def check_parts(file: IO[bytes], name: str) -> None:
    """Raise MicroDBError, code ``too_many_parts``; a file that is damaged in another way is left to its decoder."""
    try:
        WALKS[name](file)
    except (BadHeaderError, struct.error, OverflowError, OSError):
        return


def _jpeg(file: IO[bytes]) -> None:
    file.seek(2)
    segments = scans = metadata = 0
    while True:
        marker = next_marker(file)
        if marker == END_OF_HEADER[0]:
            return
        segments += 1
        if marker not in WITHOUT_LENGTH:
            metadata += skip_segment(file)
        if marker == END_OF_HEADER[1]:
            scans += 1
            _to_next_marker(file)
        if scans > MOST_SCANS:
            raise flooded(_("%d scans") % MOST_SCANS)
        if segments > MOST_SEGMENTS:
            raise flooded(_("%d segments") % MOST_SEGMENTS)
        if metadata > MOST_METADATA:
            raise flooded(_("%d MB of metadata") % (MOST_METADATA // 2**20))


def _to_next_marker(file: IO[bytes]) -> None:
    """Past the pixels of a scan. Raises BadHeaderError where the file ends before."""
    while block := file.read(BLOCK):
        if found := MARKER.search(block):
            file.seek(found.start() - len(block), 1)
            return
        if block.endswith(b"\xff") and len(block) > 1:
            file.seek(-1, 1)  # its second byte is in the next block
    raise BadHeaderError


def _png(file: IO[bytes]) -> None:
    file.seek(8)
    others = pixels = 0
    while True:
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IEND":
            return
        if kind in (b"IDAT", b"fdAT"):
            pixels += 1
        else:
            others += 1
        if others > MOST_CHUNKS or pixels > MOST_PIXEL_CHUNKS:
            raise flooded(_("%d chunks") % (MOST_CHUNKS if others > MOST_CHUNKS else MOST_PIXEL_CHUNKS))
        file.seek(length + 4, 1)


def _tiff(file: IO[bytes]) -> None:
    layout = TiffLayout.of(first_bytes(file))
    offset = layout.first
    for _directory in range(MOST_DIRECTORIES):
        if not offset:
            return
        entries, offset = layout.directory(file, offset)
        metadata = sum(
            count * TIFF_SIZES.get(kind, 1)
            for tag, kind, count, _field in entries
            if tag not in PIXELS_AND_THEIR_PLACES
        )
        if metadata > MOST_METADATA:
            raise flooded(_("%d MB of metadata") % (MOST_METADATA // 2**20))


def _bmp(file: IO[bytes]) -> None:
    """It has no parts that could be many."""


WALKS: dict[str, Callable[[IO[bytes]], None]] = {"PNG": _png, "JPEG": _jpeg, "BMP": _bmp, "TIFF": _tiff}
