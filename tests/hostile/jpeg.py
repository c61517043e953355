"""JPEG files, segment by segment."""

import io
import struct

from PIL import Image

from tests.hostile.pixels import PIXELS


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
