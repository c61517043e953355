"""Whether a PNG holds all its pixels. Pillow takes rows that are missing for black, and ignores checksums of pixels."""

import struct
import zlib
from typing import IO

from microdb.micrographs.files.file_format import first_bytes

BLOCK = 2**20
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
PALETTE_COLOUR = 3
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Of an interlaced picture: the first pixel and the step, across and down."""


def check_rows(file: IO[bytes]) -> None:
    """Raise ValueError, zlib.error or struct.error where rows or the palette miss, or a checksum of pixels is wrong."""
    width, height, bits, colour, _packing, _filter, interlaced = struct.unpack(">IIBBBBB", first_bytes(file)[16:29])
    missing = _unpacked_bytes(width, height, bits * CHANNELS[colour], bool(interlaced))
    unpacker = zlib.decompressobj()
    has_palette = False
    file.seek(8)
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        has_palette |= kind == b"PLTE"
        if kind == b"IEND":
            break
        if kind == b"IDAT":
            missing = _unpack(file, length, unpacker, missing)
        else:
            file.seek(length + 4, 1)
    if missing > 0:
        raise ValueError(f"{missing} bytes of its rows are missing")
    if colour == PALETTE_COLOUR and not has_palette:
        raise ValueError("its palette is missing")


def _unpacked_bytes(width: int, height: int, bits: int, interlaced: bool) -> int:
    """Of all rows, each of which has a byte for its filter."""
    total = 0
    for left, top, across, down in PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + -(-columns * bits // 8))
    return total


def _unpack(file: IO[bytes], length: int, unpacker: "zlib._Decompress", missing: int) -> int:
    """Go past a chunk of pixels, of which no more is unpacked than is missing; how much then still is."""
    checksum = zlib.crc32(b"IDAT")
    while length:
        packed = file.read(min(length, BLOCK))
        if not packed:
            raise ValueError("a chunk of pixels is cut")
        length -= len(packed)
        checksum = zlib.crc32(packed, checksum)
        while packed and missing > 0 and not unpacker.eof:
            missing -= len(unpacker.decompress(packed, min(missing, BLOCK)))
            packed = unpacker.unconsumed_tail
    if struct.unpack(">I", file.read(4))[0] != checksum:
        raise ValueError("a checksum of its pixels is wrong")
    return missing
