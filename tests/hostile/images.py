"""Hostile images: floods, bombs, odd and cut ones. Each is made on demand, for some have tens of megabytes."""

import struct
from collections.abc import Callable

from tests.hostile.jpeg import jpeg, jpeg_of_scans, segment
from tests.hostile.png import chunk, png, png_of_one_colour
from tests.hostile.tiff import TAGS, directory, tiff, tiff_of_directories, tiff_of_strips

FLOODS: dict[str, Callable[[], bytes]] = {
    "JPEG of 1,500 EXIF segments": lambda: jpeg(segment(0xE1, b"Exif\0\0" + b"x" * 60_000) * 1500),
    "JPEG of 100,000 small EXIF segments": lambda: jpeg(segment(0xE1, b"Exif\0\0xx") * 100_000),
    "JPEG of 300,000 comments": lambda: jpeg(segment(0xFE, b"x") * 300_000),
    "JPEG of 1,000 profiles": lambda: jpeg(segment(0xE2, b"ICC_PROFILE\0\1\1" + b"x" * 60_000) * 1000),
    "JPEG of thousands of scans": lambda: jpeg_of_scans(1_700_000),
    "PNG of 300,000 texts": lambda: png(chunk(b"tEXt", b"a\0b") * 300_000),
    "PNG of 1,000,000 empty pixel chunks": lambda: png(pixels=chunk(b"IDAT", b"") * 1_000_000),
    "TIFF of 65,000 tags": lambda: tiff(directory([*TAGS, *[(40_000, 3, 1, 1)] * 65_000])),
    "TIFF of 900 tags that share 20 MB": lambda: tiff(
        directory([*TAGS, *((40_000 + n, 2, 20_000_000, 20_000) for n in range(900))]), after=bytes(20_100_000)
    ),
}
"""Too many parts: refused as such."""

BOMBS: dict[str, Callable[[], bytes]] = {
    "PNG of one colour": lambda: png_of_one_colour(12_000),
    "PNG of a million pixels a side": lambda: png(size=(10**6, 10**6)),
    "TIFF that claims a million pixels a side": lambda: tiff(
        directory([(256, 4, 1, 10**6), (257, 4, 1, 10**6), *TAGS[2:]])
    ),
    "TIFF of one byte per 40,000 pixels": lambda: tiff(
        directory([(256, 4, 1, 14_000), (257, 4, 1, 14_000), *TAGS[2:]])
    ),
}
"""Small files of very many pixels: refused by their header."""

ODD: dict[str, Callable[[], bytes]] = {
    "TIFF of 100,000 directories": lambda: tiff_of_directories(100_000),
    "TIFF whose directories form a ring": lambda: tiff(directory(TAGS, 8)),
    "TIFF of a million strips": lambda: tiff_of_strips(1_000_000),
    "TIFF without an end": lambda: tiff(directory(TAGS, 2**32 - 1)),
    "PNG that ends in its header": lambda: png()[:20],
    "JPEG of fill bytes": lambda: b"\xff\xd8" + b"\xff" * 1_000_000,
    "JPEG without a frame": lambda: b"\xff\xd8" + segment(0xFE, b"x") * 900 + b"\xff\xd9",
    "BMP of negative size": lambda: b"BM" + bytes(12) + struct.pack("<IiiHH", 40, -9, -9, 1, 8) + bytes(100),
    "JPEG and PNG in one": lambda: jpeg() + png(),
    "PNG and zip in one": lambda: png() + b"PK\3\4" + bytes(100),
}
"""Taken or refused, but soon."""

ALL = FLOODS | BOMBS | ODD
