"""Hostile files: floods, bombs and truncations. Each is made on demand, for some have tens of megabytes."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 64, 48
PIXELS = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
TIFF_TAGS = [
    (256, 3, 1, WIDTH), (257, 3, 1, HEIGHT), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
    (277, 3, 1, 1), (278, 3, 1, HEIGHT), (279, 4, 1, WIDTH * HEIGHT),
]  # fmt: skip
Entry = tuple[int, int, int, int]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(before_pixels: bytes = b"", pixels: bytes | None = None, size: tuple[int, int] = (WIDTH, HEIGHT)) -> bytes:
    if pixels is None:
        pixels = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in PIXELS)))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + before_pixels + pixels + chunk(b"IEND", b"")


def png_of_one_colour(side: int) -> bytes:
    return png(pixels=chunk(b"IDAT", zlib.compress(bytes((side + 1) * side), 9)), size=(side, side))


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def jpeg(before_picture: bytes = b"") -> bytes:
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, "JPEG")
    plain = file.getvalue()
    return plain[:2] + before_picture + plain[2:]


def jpeg_of_scans(size: int, side: int = 4000) -> bytes:
    """A progressive JPEG of ``size`` bytes that repeats its last scan: each pass covers the whole picture."""
    file = io.BytesIO()
    Image.new("L", (side, side), 128).save(file, "JPEG", progressive=True, quality=30)
    plain = file.getvalue()
    scan = plain[plain.rindex(b"\xff\xda") : -2]
    return plain[:-2] + scan * ((size - len(plain)) // len(scan)) + plain[-2:]


def directory(entries: list[Entry], following: int = 0) -> bytes:
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)


def tiff(*directories: bytes, after: bytes = b"\0" * 4000) -> bytes:
    return b"II*\0" + struct.pack("<I", 8) + b"".join(directories) + after


def tiff_of_directories(count: int) -> bytes:
    length = len(directory(TIFF_TAGS))
    return tiff(*(directory(TIFF_TAGS, 8 + (n + 1) * length if n < count - 1 else 0) for n in range(count)))


def tiff_of_strips(count: int) -> bytes:
    tags = [*TIFF_TAGS[:5], (273, 4, count, 400), (277, 3, 1, 1), (278, 3, 1, 1), (279, 4, count, 400)]
    tags[1] = (257, 4, 1, count)
    return tiff(directory(tags), after=b"\0" * 500 + struct.pack("<I", 64) * count)


FLOODS: dict[str, Callable[[], bytes]] = {
    "JPEG of 1,500 EXIF segments": lambda: jpeg(segment(0xE1, b"Exif\0\0" + b"x" * 60_000) * 1500),
    "JPEG of 100,000 small EXIF segments": lambda: jpeg(segment(0xE1, b"Exif\0\0xx") * 100_000),
    "JPEG of 300,000 comments": lambda: jpeg(segment(0xFE, b"x") * 300_000),
    "JPEG of 1,000 profiles": lambda: jpeg(segment(0xE2, b"ICC_PROFILE\0\1\1" + b"x" * 60_000) * 1000),
    "JPEG of thousands of scans": lambda: jpeg_of_scans(1_700_000),
    "PNG of 300,000 texts": lambda: png(chunk(b"tEXt", b"a\0b") * 300_000),
    "PNG of 1,000,000 empty pixel chunks": lambda: png(pixels=chunk(b"IDAT", b"") * 1_000_000),
    "TIFF of 65,000 tags": lambda: tiff(directory([*TIFF_TAGS, *[(40_000, 3, 1, 1)] * 65_000])),
    "TIFF of 900 tags that share 20 MB": lambda: tiff(
        directory([*TIFF_TAGS, *((40_000 + n, 2, 20_000_000, 20_000) for n in range(900))]), after=bytes(20_100_000)
    ),
}
"""Too many parts: refused as such."""

BOMBS: dict[str, Callable[[], bytes]] = {
    "PNG of one colour": lambda: png_of_one_colour(12_000),
    "PNG of a million pixels a side": lambda: png(size=(10**6, 10**6)),
    "TIFF that claims a million pixels a side": lambda: tiff(
        directory([(256, 4, 1, 10**6), (257, 4, 1, 10**6), *TIFF_TAGS[2:]])
    ),
    "TIFF of one byte per 40,000 pixels": lambda: tiff(
        directory([(256, 4, 1, 14_000), (257, 4, 1, 14_000), *TIFF_TAGS[2:]])
    ),
}
"""Small files of very many pixels: refused by their header."""

ODD: dict[str, Callable[[], bytes]] = {
    "TIFF of 100,000 directories": lambda: tiff_of_directories(100_000),
    "TIFF whose directories form a ring": lambda: tiff(directory(TIFF_TAGS, 8)),
    "TIFF of a million strips": lambda: tiff_of_strips(1_000_000),
    "TIFF without an end": lambda: tiff(directory(TIFF_TAGS, 2**32 - 1)),
    "PNG that ends in its header": lambda: png()[:20],
    "JPEG of fill bytes": lambda: b"\xff\xd8" + b"\xff" * 1_000_000,
    "JPEG without a frame": lambda: b"\xff\xd8" + segment(0xFE, b"x") * 900 + b"\xff\xd9",
    "BMP of negative size": lambda: b"BM" + bytes(12) + struct.pack("<IiiHH", 40, -9, -9, 1, 8) + bytes(100),
    "JPEG and PNG in one": lambda: jpeg() + png(),
    "PNG and zip in one": lambda: png() + b"PK\3\4" + bytes(100),
}
"""Taken or refused, but soon."""

ALL = FLOODS | BOMBS | ODD
