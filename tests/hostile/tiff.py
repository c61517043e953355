"""TIFF files, directory by directory."""

import struct

from tests.hostile.pixels import HEIGHT, WIDTH

TAGS = [
    (256, 3, 1, WIDTH), (257, 3, 1, HEIGHT), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
    (277, 3, 1, 1), (278, 3, 1, HEIGHT), (279, 4, 1, WIDTH * HEIGHT),
]  # fmt: skip
"""Of a picture whose pixels stand at byte 8."""
Entry = tuple[int, int, int, int]


def directory(entries: list[Entry], following: int = 0) -> bytes:
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)


def tiff(*directories: bytes, after: bytes = b"\0" * 4000) -> bytes:
    return b"II*\0" + struct.pack("<I", 8) + b"".join(directories) + after


def tiff_of_directories(count: int) -> bytes:
    length = len(directory(TAGS))
    return tiff(*(directory(TAGS, 8 + (n + 1) * length if n < count - 1 else 0) for n in range(count)))


def tiff_of_strips(count: int) -> bytes:
    tags = [*TAGS[:5], (273, 4, count, 400), (277, 3, 1, 1), (278, 3, 1, 1), (279, 4, count, 400)]
    tags[1] = (257, 4, 1, count)
    return tiff(directory(tags), after=b"\0" * 500 + struct.pack("<I", 64) * count)
