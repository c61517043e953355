"""BMP files."""

import struct
from collections.abc import Callable

from tests.hostile.pixels import HEIGHT, PIXELS, WIDTH

PALETTE = b"".join(bytes((n, n, n, 0)) for n in range(256))


def bmp(
    size: tuple[int, int] = (WIDTH, HEIGHT),
    bits: int = 8,
    packing: int = 0,
    start: int | None = None,
    colours: int = 256,
    pixels: bytes | None = None,
    header: int = 40,
) -> bytes:
    content = PIXELS[::-1].tobytes() if pixels is None else pixels
    about = struct.pack("<IiiHHIIiiII", header, *size, 1, bits, packing, len(content), 0, 0, colours, 0)
    at = 14 + len(about) + len(PALETTE)
    return struct.pack("<2sIHHI", b"BM", at + len(content), 0, 0, at if start is None else start) + (
        about + PALETTE + content
    )


BROKEN: dict[str, Callable[[], bytes]] = {
    "BMP of negative size": lambda: b"BM" + bytes(12) + struct.pack("<IiiHH", 40, -9, -9, 1, 8) + bytes(100),
    "BMP of half its rows": lambda: bmp()[: -PIXELS.size // 2],
    "BMP of the smallest height": lambda: bmp(size=(WIDTH, -(2**31))),
    "BMP of 5 bits": lambda: bmp(bits=5),
    "BMP packed in an unknown way": lambda: bmp(packing=9),
    "BMP whose pixels are behind its end": lambda: bmp(start=2**32 - 1),
    "BMP of a header of 4 GB": lambda: bmp(header=2**32 - 1),
    "BMP of runs that are cut": lambda: bmp(packing=1, pixels=b"\xff\0"),
    "BMP that holds a PNG": lambda: bmp(packing=5),
}
"""None holds its pixels."""

ODD: dict[str, Callable[[], bytes]] = {
    "BMP of 4 billion colours": lambda: bmp(colours=2**32 - 1),
    "BMP whose pixels are its header": lambda: bmp(start=0),
    "BMP of runs that jump": lambda: bmp(packing=1, pixels=b"\0\2\xff\xff" * 2000 + b"\0\1"),
    "BMP of runs that go on": lambda: bmp(packing=1, pixels=b"\xff\0" * 500_000),
    "BMP of the old header": lambda: b"BM" + bytes(8) + struct.pack("<IIHHHH", 26, 12, 64, 48, 1, 24) + bytes(9216),
}
"""Read as the picture that they hold, or refused."""

BOMBS: dict[str, Callable[[], bytes]] = {
    "BMP of runs, 14,000 pixels a side": lambda: bmp(size=(14_000, 14_000), packing=1, pixels=b"\0\1"),
}
