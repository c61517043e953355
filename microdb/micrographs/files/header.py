"""What the header of a file claims, found with a few reads of fixed size.

Web processes call this for every upload, so nothing here decodes, and no count that a file states is trusted: a walk
ends after ``MOST_SEGMENTS`` or ``MOST_TAGS`` steps.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, TypeAlias

from django.conf import settings
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.micrographs.files.file_format import file_format, first_bytes

MOST_SEGMENTS = 1000
"""Of a JPEG; a photograph with a profile and previews has under 300."""
MOST_TAGS = 1000
"""Of a TIFF directory; microscopes write up to about 100."""
HARMLESS_BYTES = 2**26
MOST_TIMES_PACKED = 200
"""Unpacked bytes per byte of a file; micrographs reach 20, a picture of one colour 1000."""

START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
WITHOUT_LENGTH = frozenset(range(0xD0, 0xD8)) | {0x01}
END_OF_HEADER = (0xD9, 0xDA)
WIDTH, HEIGHT, BITS, SAMPLES = 256, 257, 258, 277
NUMBERS = {1: "B", 3: "H", 4: "I", 16: "Q"}
"""TIFF's types of whole numbers, as struct names them."""


Entry: TypeAlias = "tuple[int, int, int, bytes]"
"""Of a TIFF directory: tag, type, count, and the field with the value or its offset."""


class BadHeaderError(Exception):
    """The header makes no sense."""


@dataclass(frozen=True)
class Header:
    """What the header of a file claims; ``bit_depth`` is per channel."""

    file_format: str
    width: int
    height: int
    bit_depth: int
    channels: int = 1

    @property
    def unpacked_bytes(self) -> int:
        return self.width * self.height * self.channels * self.bit_depth // 8


def read_header(file: IO[bytes]) -> Header:
    """Check size, format and claimed dimensions; raises MicroDBError with the reason to refuse."""
    size = file.seek(0, 2)
    check_bytes(size)
    name = file_format(file)
    try:
        header = READERS[name](file)
    except (BadHeaderError, struct.error, OverflowError, OSError) as error:
        raise damaged_header(name) from error
    if header.width <= 0 or header.height <= 0:
        raise MicroDBError(_("The image has no pixels: a side of it is 0. Export it again."), code="not_an_image")
    check_size(header.width, header.height)
    _check_ratio(header, size)
    return header


def check_bytes(size: int) -> None:
    """Raise MicroDBError for a file of more bytes than UPLOAD_MAX_BYTES."""
    if size > settings.UPLOAD_MAX_BYTES:
        raise MicroDBError(
            _("The file has %(size).1f MB; at most %(most).1f MB are taken. Crop it or save it with compression.")
            % {"size": size / 1e6, "most": settings.UPLOAD_MAX_BYTES / 1e6},
            code="too_large",
        )


def check_size(width: int, height: int) -> None:
    """Raise MicroDBError for more pixels than UPLOAD_MAX_PIXELS."""
    if width * height > settings.UPLOAD_MAX_PIXELS:
        raise MicroDBError(
            _(
                "The image has %(width)d x %(height)d pixels; at most %(most)d million in all are taken. "
                "Crop or shrink it."
            )
            % {"width": width, "height": height, "most": settings.UPLOAD_MAX_PIXELS / 1e6},
            code="too_large",
        )


def damaged_header(name: str) -> MicroDBError:
    return MicroDBError(
        _(
            "This %(name)s file has a damaged header or stores its pixels in an unusual way. "
            "Save it as 8-bit, 16-bit or 32-bit float gray, in TIFF or PNG."
        )
        % {"name": name},
        code="unsupported_format",
    )


def _check_ratio(header: Header, size: int) -> None:
    if header.unpacked_bytes > max(HARMLESS_BYTES, MOST_TIMES_PACKED * size):
        raise MicroDBError(
            _(
                "The file unpacks to %(times)d times its size, which no micrograph does: at most %(most)d times is "
                "taken. It shows one colour almost everywhere; crop it."
            )
            % {"times": header.unpacked_bytes // size, "most": MOST_TIMES_PACKED},
            code="packed_too_much",
        )


def _png(file: IO[bytes]) -> Header:
    start = first_bytes(file)
    if start[12:16] != b"IHDR":
        raise BadHeaderError
    width, height, bits, colour = struct.unpack(">IIBB", start[16:26])
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour)
    if channels is None or bits not in (1, 2, 4, 8, 16):
        raise BadHeaderError
    return Header("PNG", width, height, bits if bits in (1, 16) and colour != 3 else 8, channels)


def _bmp(file: IO[bytes]) -> Header:
    start = first_bytes(file)
    (header_size,) = struct.unpack("<I", start[14:18])
    if header_size == 12:
        width, height, _planes, bits = struct.unpack("<HHHH", start[18:26])
    elif 40 <= header_size <= 124:
        width, height, _planes, bits = struct.unpack("<iiHH", start[18:30])
    else:
        raise BadHeaderError
    if bits not in (1, 4, 8, 16, 24, 32):
        raise BadHeaderError
    return Header("BMP", width, abs(height), 1 if bits == 1 else 8, max(1, bits // 8))


def _jpeg(file: IO[bytes]) -> Header:
    file.seek(2)
    for _step in range(MOST_SEGMENTS):
        marker = next_marker(file)
        if marker in START_OF_FRAME:
            bits, height, width, channels = struct.unpack(">xxBHHB", file.read(8))
            return Header("JPEG", width, height, bits, channels)
        if marker in END_OF_HEADER:
            raise BadHeaderError
        if marker not in WITHOUT_LENGTH:
            skip_segment(file)
    raise flooded(_("%(most)d segments before its picture") % {"most": MOST_SEGMENTS})


def next_marker(file: IO[bytes]) -> int:
    """The marker at which the file stands, past fill bytes."""
    prefix, marker = struct.unpack(">BB", file.read(2))
    if prefix != 0xFF:
        raise BadHeaderError
    for _fill in range(16):
        if marker != 0xFF:
            return int(marker)
        (marker,) = struct.unpack(">B", file.read(1))
    raise BadHeaderError


def skip_segment(file: IO[bytes]) -> int:
    """Go past a segment's content; its length."""
    (length,) = struct.unpack(">H", file.read(2))
    if length < 2:
        raise BadHeaderError
    file.seek(length - 2, 1)
    return int(length)


def flooded(what: str) -> MicroDBError:
    return MicroDBError(
        _("The file was not read: it has more than %s. Open it where it was made and save it again.") % what,
        code="too_many_parts",
    )


def _tiff(file: IO[bytes]) -> Header:
    layout = TiffLayout.of(first_bytes(file))
    tags = {tag: (kind, count, field) for tag, kind, count, field in layout.directory(file, layout.first)[0]}

    def number(tag: int, otherwise: int) -> int:
        if tag not in tags:
            return otherwise
        kind, count, field = tags[tag]
        if kind not in NUMBERS or not count:
            raise BadHeaderError
        return layout.number(file, NUMBERS[kind], count, field)

    if WIDTH not in tags or HEIGHT not in tags:
        raise BadHeaderError
    channels = number(SAMPLES, 1)
    return Header("TIFF", number(WIDTH, 0), number(HEIGHT, 0), number(BITS, 1), channels)


@dataclass(frozen=True)
class TiffLayout:
    """How a TIFF's directories are laid out: byte order, and 4 or 8 bytes for offsets."""

    order: str
    big: bool
    first: int

    @classmethod
    def of(cls, start: bytes) -> "TiffLayout":
        order = "<" if start[:2] == b"II" else ">"
        if start[2:4] in (b"*\0", b"\0*"):
            return cls(order, False, struct.unpack(f"{order}I", start[4:8])[0])
        return cls(order, True, struct.unpack(f"{order}Q", start[8:16])[0])

    def directory(self, file: IO[bytes], offset: int) -> tuple[list[Entry], int]:
        """The entries of a directory, and the offset of the next one."""
        count_format, entry_format, offset_format = ("Q", "HHQ8s", "Q") if self.big else ("H", "HHI4s", "I")
        file.seek(offset)
        (count,) = self._read(file, count_format)
        if count > MOST_TAGS:
            raise flooded(_("%d tags in a directory") % MOST_TAGS)
        if not count:
            raise BadHeaderError
        entries = [self._read(file, entry_format) for _entry in range(count)]
        (following,) = self._read(file, offset_format)
        return entries, int(following)

    def number(self, file: IO[bytes], kind: str, count: int, field: bytes) -> int:
        """The first number of an entry, which is in its field if it fits there."""
        size = struct.calcsize(kind)
        if size * count > len(field):
            file.seek(struct.unpack(self.order + ("Q" if self.big else "I"), field)[0])
            field = file.read(size)
        return int(struct.unpack(self.order + kind, field[:size])[0])

    def _read(self, file: IO[bytes], kind: str) -> tuple[Any, ...]:
        return struct.unpack(self.order + kind, file.read(struct.calcsize(self.order + kind)))


READERS: dict[str, Callable[[IO[bytes]], Header]] = {"PNG": _png, "JPEG": _jpeg, "BMP": _bmp, "TIFF": _tiff}
