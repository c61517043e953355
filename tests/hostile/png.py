"""PNG files, chunk by chunk."""

import struct
import zlib
from collections.abc import Callable

from tests.hostile.pixels import HEIGHT, PIXELS, WIDTH

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MEGABYTE = 2**20


def chunk(kind: bytes, content: bytes, crc: int | None = None) -> bytes:
    stated = zlib.crc32(kind + content) if crc is None else crc
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", stated)


def header(
    size: tuple[int, int] = (WIDTH, HEIGHT), bits: int = 8, colour: int = 0, packing: int = 0, lace: int = 0
) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", *size, bits, colour, packing, 0, lace))


ROWS = b"".join(b"\0" + row.tobytes() for row in PIXELS)
PICTURE = chunk(b"IDAT", zlib.compress(ROWS))
END = chunk(b"IEND", b"")


def png(before_pixels: bytes = b"", pixels: bytes | None = None, size: tuple[int, int] = (WIDTH, HEIGHT)) -> bytes:
    return SIGNATURE + header(size) + before_pixels + (PICTURE if pixels is None else pixels) + END


def png_of_one_colour(side: int) -> bytes:
    return png(pixels=chunk(b"IDAT", zlib.compress(bytes((side + 1) * side), 9)), size=(side, side))


def zeros(megabytes: int) -> bytes:
    """As many zeros as a zlib stream, packed a thousandfold: one block for a megabyte, again and again."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = (megabytes * MEGABYTE % 65_521 << 16) + 1
    return b"\x78\xda" + block * megabytes + b"\x03\0" + struct.pack(">I", checksum)


BROKEN: dict[str, Callable[[], bytes]] = {
    "PNG that ends in its header": lambda: png()[:20],
    "PNG without pixels": lambda: png(pixels=b""),
    "PNG without a header": lambda: SIGNATURE + PICTURE + END,
    "PNG whose header has a wrong checksum": lambda: SIGNATURE + header()[:-4] + b"\0\0\0\0" + PICTURE + END,
    "PNG whose pixels have a wrong checksum": lambda: png(pixels=chunk(b"IDAT", zlib.compress(ROWS), crc=1)),
    "PNG whose pixels are no zlib stream": lambda: png(pixels=chunk(b"IDAT", b"\xff" * 4000)),
    "PNG of half its rows": lambda: png(pixels=chunk(b"IDAT", zlib.compress(ROWS[: len(ROWS) // 2]))),
    "PNG with a chunk of 2 GB": lambda: SIGNATURE + header() + struct.pack(">I4s", 2**31 - 1, b"IDAT") + bytes(900),
    "PNG with a chunk of 4 GB": lambda: SIGNATURE + header() + struct.pack(">I4s", 2**32 - 1, b"tEXt") + bytes(900),
    "PNG of no width": lambda: png(size=(0, HEIGHT)),
    "PNG of 2^31 pixels across": lambda: png(size=(2**31 - 1, 1)),
    "PNG of 3 bits": lambda: SIGNATURE + header(bits=3) + PICTURE + END,
    "PNG of a colour type that is none": lambda: SIGNATURE + header(colour=5) + PICTURE + END,
    "PNG of a palette that is missing": lambda: SIGNATURE + header(colour=3) + PICTURE + END,
    "PNG of an unknown filter": lambda: png(pixels=chunk(b"IDAT", zlib.compress(b"\x09" + ROWS[1:]))),
    "PNG of 16 bits and 4 channels, cut": lambda: SIGNATURE + header(bits=16, colour=6) + PICTURE + END,
}
"""None holds its pixels."""

ODD: dict[str, Callable[[], bytes]] = {
    "PNG with a critical chunk that nobody knows": lambda: png(chunk(b"QQQQ", b"x" * 90)),
    "PNG packed in an unknown way": lambda: SIGNATURE + header(packing=9) + PICTURE + END,
    "PNG with a text that unpacks to 500 MB": lambda: png(chunk(b"zTXt", b"a\0\0" + zeros(500))),
    "PNG with a translated text that unpacks to 500 MB": lambda: png(chunk(b"iTXt", b"a\0\1\0\0\0" + zeros(500))),
    "PNG with a profile that unpacks to 500 MB": lambda: png(chunk(b"iCCP", b"a\0\0" + zeros(500))),
    "PNG of 1,000 texts of 1 MB": lambda: png(chunk(b"zTXt", b"a\0\0" + zeros(1)) * 1000),
    "PNG whose pixels go on for 500 MB": lambda: png(pixels=chunk(b"IDAT", zeros(500))),
    "PNG whose header comes twice": lambda: SIGNATURE + header() + header((9000, 9000)) + PICTURE + END,
    "PNG of 4 billion frames": lambda: png(chunk(b"acTL", struct.pack(">II", 2**32 - 1, 0))),
    "PNG with frames after its pixels": lambda: png(
        pixels=chunk(b"acTL", struct.pack(">II", 9, 0))
        + PICTURE
        + chunk(b"fdAT", b"\0\0\0\1" + zlib.compress(ROWS)) * 9
    ),
    "PNG with a directory of EXIF in a ring": lambda: png(
        chunk(b"eXIf", b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 8))
    ),
    "PNG turned by EXIF in an unknown way": lambda: png(
        chunk(b"eXIf", b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 274, 3, 1, 99, 0))
    ),
    "PNG of 100,000 dots per nanometre": lambda: png(chunk(b"pHYs", struct.pack(">IIB", 2**32 - 1, 0, 1))),
    "PNG without an end": lambda: SIGNATURE + header() + PICTURE,
    "PNG with pixels after its end": lambda: png() + PICTURE + png(),
    "PNG of one byte in each chunk": lambda: png(
        pixels=b"".join(chunk(b"IDAT", bytes([byte])) for byte in zlib.compress(ROWS))
    ),
}
"""Read as the picture that they hold, or refused."""


def boundaries(file: bytes) -> list[int]:
    """Where its chunks begin, their lengths end and their contents end."""
    found, at = [len(SIGNATURE)], len(SIGNATURE)
    while at + 8 <= len(file):
        (length,) = struct.unpack_from(">I", file, at)
        found += [at + 4, at + 8, at + 8 + length, at + 12 + length]
        at += 12 + length
    return [one for one in found if one < len(file)]
