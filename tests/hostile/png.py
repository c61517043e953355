"""PNG files, chunk by chunk."""

import struct
import zlib

from tests.hostile.pixels import HEIGHT, PIXELS, WIDTH


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(before_pixels: bytes = b"", pixels: bytes | None = None, size: tuple[int, int] = (WIDTH, HEIGHT)) -> bytes:
    if pixels is None:
        pixels = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in PIXELS)))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + before_pixels + pixels + chunk(b"IEND", b"")


def png_of_one_colour(side: int) -> bytes:
    return png(pixels=chunk(b"IDAT", zlib.compress(bytes((side + 1) * side), 9)), size=(side, side))
