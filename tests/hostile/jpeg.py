"""JPEG files, segment by segment."""

import io
import struct
from collections.abc import Callable

from PIL import Image

from tests.hostile.pixels import PIXELS

START, FRAME, SCAN, RESTART, END = b"\xff\xd8", b"\xff\xc0", b"\xff\xda", b"\xff\xd0", b"\xff\xd9"


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def plain(**options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, "JPEG", **options)
    return file.getvalue()


def jpeg(before_picture: bytes = b"", **options: object) -> bytes:
    return START + before_picture + plain(**options)[2:]


def jpeg_of_scans(size: int, side: int = 4000) -> bytes:
    """A progressive JPEG of ``size`` bytes that repeats its last scan: each pass covers the whole picture."""
    file = io.BytesIO()
    Image.new("L", (side, side), 128).save(file, "JPEG", progressive=True, quality=30)
    whole = file.getvalue()
    scan = whole[whole.rindex(SCAN) : -2]
    return whole[:-2] + scan * ((size - len(whole)) // len(scan)) + whole[-2:]


def with_frame(marker: int = 0xC0, bits: int = 8, size: tuple[int, int] | None = None, channels: int = 1) -> bytes:
    """The picture with another frame header."""
    file = bytearray(plain())
    at = file.index(FRAME)
    height, width = size or PIXELS.shape
    file[at : at + 10] = struct.pack(">BBHBHHB", 0xFF, marker, 11, bits, height, width, channels)
    return bytes(file)


def before_scan(extra: bytes) -> bytes:
    file = plain()
    at = file.index(SCAN)
    return file[:at] + extra + file[at:]


def exif(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    directory = struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)
    return segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + directory)


BROKEN: dict[str, Callable[[], bytes]] = {
    "JPEG of fill bytes": lambda: START + b"\xff" * 1_000_000,
    "JPEG without a frame": lambda: START + segment(0xFE, b"x") * 900 + END,
    "JPEG without a scan": lambda: plain()[: plain().index(SCAN)] + END,
    "JPEG of half its scan": lambda: plain()[: (plain().index(SCAN) + len(plain())) // 2],
    "JPEG of no height": lambda: with_frame(size=(0, 64)),
    "JPEG of 2 bits": lambda: with_frame(bits=2),
    "JPEG of 255 channels": lambda: with_frame(channels=255),
    "JPEG of no channel": lambda: with_frame(channels=0),
    "JPEG without loss, which it is not": lambda: with_frame(marker=0xC3),
    "JPEG that repeats itself, hierarchical": lambda: with_frame(marker=0xC5),
    "JPEG with a segment of no length": lambda: START + b"\xff\xe1\0\0" + plain()[2:],
    "JPEG with tables that are too long": lambda: before_scan(segment(0xC4, b"\0" + b"\xff" * 16 + bytes(4080))),
}
"""None holds its pixels."""

ODD: dict[str, Callable[[], bytes]] = {
    "JPEG whose scan ends at once": lambda: plain()[: plain().index(SCAN) + 10] + END,
    "JPEG of arithmetic codes, which it is not": lambda: with_frame(marker=0xC9),
    "JPEG of 12 bits, which it is not": lambda: with_frame(bits=12),
    "JPEG of two frames": lambda: before_scan(segment(0xC0, struct.pack(">BHHBBBB", 8, 9000, 9000, 1, 1, 0x11, 0))),
    "JPEG that restarts after each block": lambda: before_scan(segment(0xDD, b"\0\1")),
    "JPEG of 100,000 restarts": lambda: plain()[:-2] + RESTART * 100_000 + END,
    "JPEG of 900 tables": lambda: before_scan(segment(0xDB, b"\0" + bytes(range(1, 65))) * 900),
    "JPEG with EXIF in a ring": lambda: jpeg(exif((0x8769, 4, 1, 8), following=8)),
    "JPEG with EXIF that counts 4 billion": lambda: jpeg(exif((274, 3, 2**32 - 1, 8), (0x9286, 7, 2**32 - 1, 8))),
    "JPEG turned by EXIF as text": lambda: jpeg(exif((274, 2, 4, 0x41414141))),
    "JPEG of several pictures that are not there": lambda: jpeg(segment(0xE2, b"MPF\0II*\0\x08\0\0\0" + bytes(60))),
    "JPEG with a thumbnail of 255 x 255 that is missing": lambda: jpeg(segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\xff\xff")),
    "JPEG with Photoshop resources that are too long": lambda: jpeg(
        segment(0xED, b"Photoshop 3.0\08BIM\x04\x04\0\0\xff\xff\xff\xff" + b"x" * 90)
    ),
    "JPEG with a script after its end": lambda: plain() + b"<script>alert(1)</script>" * 90,
    "JPEG with a script in its comment": lambda: jpeg(segment(0xFE, b"*/=1;alert(1)/*<?php system('id'); ?>")),
}
"""Read as the picture that they hold, or refused. To libjpeg, blocks before an end that is there but early are gray."""


def boundaries(file: bytes) -> list[int]:
    """Where its segments begin, before the scan, and some places within the scan."""
    found, at = [], 2
    while file[at + 1] != SCAN[1]:
        (length,) = struct.unpack_from(">H", file, at + 2)
        found += [at, at + 2, at + 4, at + 2 + length // 2]
        at += 2 + length
    return [*found, at, at + 2, at + 10, at + 200]
