"""Counts the parts of a file before it is decoded, since decoders take minutes for very many."""

import re
import struct
from collections.abc import Callable, Iterator
from typing import IO

from classifier.errors import ClassifierError

MOST_SCANS = 100
"""Of a JPEG; encoders write 10 to 20."""
MOST_SEGMENTS = 1000
"""Of a JPEG; a photograph with a profile and previews has under 300."""
MOST_METADATA = 2**24
"""Bytes in the segments of a JPEG or the tags of a TIFF directory; a colour profile alone may have 16 MB."""
MOST_CHUNKS = 2000
"""Of a PNG, beside those that hold its pixels."""
MOST_PIECES = 200_000
"""In which the pixels of a PNG or a TIFF are stored."""
MOST_TAGS = 1000
"""Of a TIFF directory; microscopes write up to about 100."""
MOST_DIRECTORIES = 16

START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD8)}
MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
TIFF_SIZES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value by TIFF's number of its type, where not 1."""
STARTS = {273, 324}
PLACES_OF_PIXELS = {273, 279, 288, 289, 324, 325}
"""TIFF's tags of strips and tiles."""
BLOCK = 2**20


def check_parts(file: IO[bytes], file_format: str, name: str) -> None:
    """Raise ClassifierError for too many parts, and struct.error or ValueError where they make no sense."""
    for count, most, what in _COUNTS[file_format](file):
        if count > most:
            raise ClassifierError(
                f"{name} was not read: it has more than {most} {what}. Open it where it was made and save it again."
            )


Counts = Iterator[tuple[int, int, str]]
"""A count, its bound and the word for what is counted, again at each step of the walk."""


def _jpeg(file: IO[bytes]) -> Counts:
    """Up to the end of the image; what follows it is not decoded."""
    file.seek(2)
    segments = scans = metadata = 0
    while (marker := _next_marker(file)) != END_OF_IMAGE:
        segments += 1
        if marker not in WITHOUT_LENGTH:
            (length,) = struct.unpack(">H", file.read(2))
            if length < 2:
                raise ValueError("a segment of no length")
            metadata += length
            file.seek(length - 2, 1)
        if marker == START_OF_SCAN:
            scans += 1
            _skip_pixels(file)
        yield scans, MOST_SCANS, "scans"
        yield segments, MOST_SEGMENTS, "segments"
        yield metadata, MOST_METADATA, "bytes of metadata"


def _next_marker(file: IO[bytes]) -> int:
    """The marker at which the file stands, past bytes of filling."""
    prefix, marker = struct.unpack(">BB", file.read(2))
    if prefix != 0xFF:
        raise ValueError("a marker that is missing")
    for _filling in range(16):
        if marker != 0xFF:
            break
        (marker,) = struct.unpack(">B", file.read(1))
    return int(marker)


def _skip_pixels(file: IO[bytes]) -> None:
    """To the marker after the pixels of a scan."""
    while block := file.read(BLOCK):
        if found := MARKER.search(block):
            file.seek(found.start() - len(block), 1)
            return
        if block.endswith(b"\xff") and len(block) > 1:
            file.seek(-1, 1)  # its second byte is in the next block
    raise ValueError("pixels without an end")


def _png(file: IO[bytes]) -> Counts:
    others = pixels = 0
    for kind, _length in png_chunks(file):
        if kind in (b"IDAT", b"fdAT"):
            pixels += 1
        else:
            others += 1
        yield others, MOST_CHUNKS, "chunks"
        yield pixels, MOST_PIECES, "chunks of pixels"


def png_chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """The kind and length of each chunk up to the end; the file then stands where its content begins."""
    at, kind = 8, b""
    while kind != b"IEND" and file.seek(at) and len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        yield kind, length
        at += 12 + length


def _tiff(file: IO[bytes]) -> Counts:
    file.seek(0)
    start = file.read(8)
    order, is_big = "<" if start[:2] == b"II" else ">", start[2:4] in (b"+\0", b"\0+")
    if is_big and struct.unpack(f"{order}HH", start[4:]) != (8, 0):
        raise ValueError("offsets of an unknown length")
    count_format, entry_format, offset_format = ("Q", "HHQ8x", "Q") if is_big else ("H", "HHI4x", "I")

    def read(layout: str) -> tuple[int, ...]:
        return struct.unpack(order + layout, file.read(struct.calcsize(order + layout)))

    file.seek(8 if is_big else 4)
    (offset,) = read(offset_format)
    for _directory in range(MOST_DIRECTORIES):
        file.seek(offset)
        (tags,) = read(count_format)
        yield tags, MOST_TAGS, "tags in a directory"
        entries = [read(entry_format) for _tag in range(tags)]
        sizes = (count * TIFF_SIZES.get(kind, 1) for tag, kind, count in entries if tag not in PLACES_OF_PIXELS)
        yield sum(sizes), MOST_METADATA, "bytes of metadata"
        yield max((count for tag, _kind, count in entries if tag in STARTS), default=0), MOST_PIECES, "strips or tiles"
        (offset,) = read(offset_format)
        if not offset:
            return


_COUNTS: dict[str, Callable[[IO[bytes]], Counts]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "TIFF": _tiff,
    "BMP": lambda _file: iter(()),  # it has no parts that could be many
}
