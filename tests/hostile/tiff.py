"""TIFF files, directory by directory."""

import struct
import zlib
from collections.abc import Callable, Sequence

from tests.hostile.pixels import HEIGHT, PIXELS, WIDTH
from tests.hostile.png import zeros

TAGS = [
    (256, 3, 1, WIDTH), (257, 3, 1, HEIGHT), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
    (277, 3, 1, 1), (278, 3, 1, HEIGHT), (279, 4, 1, WIDTH * HEIGHT),
]  # fmt: skip
"""Of a picture whose pixels stand at byte 8."""
Entry = tuple[int, int, int, int]
ASCII, SHORT, LONG = 2, 3, 4
SIDE = 12_000


def directory(entries: Sequence[Entry], following: int = 0) -> bytes:
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


def changed(*entries: Entry) -> list[Entry]:
    """The tags of the picture with some of them changed, in order."""
    return sorted({entry[0]: entry for entry in (*TAGS, *entries)}.values())


def picture(*entries: Entry, pixels: bytes | None = None, after: bytes = b"") -> bytes:
    """Pixels first, then what ``after`` holds, then the directory."""
    content = PIXELS.tobytes() if pixels is None else pixels
    if len(content) % 2:
        content += b"\0"
    tags = changed((279, LONG, 1, len(content)), *entries)
    return struct.pack("<2sHI", b"II", 42, 8 + len(content) + len(after)) + content + after + directory(tags)


def packed(code: int, content: bytes, side: int = SIDE) -> bytes:
    return picture((256, LONG, 1, side), (257, LONG, 1, side), (278, LONG, 1, side), (259, 3, 1, code), pixels=content)


def described(text: bytes) -> bytes:
    """A picture with this description."""
    text += b"\0" * (1 + (len(text) + 1) % 2)
    return picture((270, ASCII, len(text), 8 + PIXELS.size), after=text)


def big(entries: Sequence[tuple[int, int, int, int]], count: int | None = None, after: bytes = b"") -> bytes:
    """A BigTIFF whose directory stands at byte 16, before the pixels."""
    body = b"".join(struct.pack("<HHQQ", *entry) for entry in entries) + bytes(8)
    stated = len(entries) if count is None else count
    return struct.pack("<2sHHHQQ", b"II", 43, 8, 0, 16, stated) + body + PIXELS.tobytes() + after


BIG_TAGS = [(*entry[:3], entry[3] if entry[0] != 273 else 16 + 8 + 9 * 20 + 8) for entry in TAGS]
BILLION = (
    '<?xml version="1.0"?><!DOCTYPE OME [<!ENTITY a0 "lol">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + ']><OME><Image><Pixels PhysicalSizeX="&a11;"/></Image></OME>'
)

BROKEN: dict[str, Callable[[], bytes]] = {
    "TIFF without an end": lambda: tiff(directory(TAGS, 2**32 - 1), after=b""),
    "TIFF whose directory is not there": lambda: b"II*\0" + struct.pack("<I", 2**32 - 1) + bytes(90),
    "TIFF whose directory is empty": lambda: tiff(directory([])),
    "TIFF whose directory is cut": lambda: tiff(directory(TAGS)[:40], after=b""),
    "TIFF whose pixels are behind its end": lambda: picture((273, LONG, 1, 2**31)),
    "TIFF of strips that are too short": lambda: picture((279, LONG, 1, 5)),
    "TIFF of strips that nobody counts": lambda: picture((273, LONG, 0, 8), (279, LONG, 0, 8)),
    "TIFF of no rows in a strip": lambda: picture((278, LONG, 1, 0), (279, LONG, 1, 0)),
    "TIFF of no width": lambda: picture((256, LONG, 1, 0)),
    "TIFF whose width is text": lambda: picture((256, ASCII, 4, 0x41414141)),
    "TIFF of 65,535 channels": lambda: picture((277, SHORT, 1, 65_535)),
    "TIFF of 64 bits that are half there": lambda: picture((258, SHORT, 1, 64)),
    "TIFF of 7 bits": lambda: picture((258, SHORT, 1, 7), (339, SHORT, 1, 3)),
    "TIFF of complex numbers": lambda: picture((258, SHORT, 1, 64), (339, SHORT, 1, 6)),
    "TIFF of a palette that is short": lambda: picture((262, SHORT, 1, 3), (320, SHORT, 3, 8)),
    "TIFF packed in an unknown way": lambda: picture((259, SHORT, 1, 9999)),
    "TIFF packed as JPEG, which it is not": lambda: picture((259, SHORT, 1, 7)),
    "TIFF packed as JPEG 2000, which it is not": lambda: picture((259, SHORT, 1, 34712)),
    "TIFF packed as WebP, which it is not": lambda: picture((259, SHORT, 1, 50001)),
    "TIFF packed as LERC, which it is not": lambda: picture((259, SHORT, 1, 34887)),
    "TIFF packed with LZW, which it is not": lambda: picture((259, SHORT, 1, 5)),
    "TIFF of half its deflated pixels": lambda: picture(
        (259, SHORT, 1, 8), pixels=zlib.compress(PIXELS[:20].tobytes())
    ),
    "TIFF of a million tiles that are not there": lambda: picture(
        (322, LONG, 1, 1), (323, LONG, 1, 1), (324, LONG, 10**6, 8), (325, LONG, 10**6, 8)
    ),
    "TIFF of a volume": lambda: picture((32997, LONG, 1, 48)),
    "TIFF of NaN": lambda: picture((258, SHORT, 1, 32), (339, SHORT, 1, 3), pixels=b"\xff" * (WIDTH * HEIGHT * 4)),
    "BigTIFF of 2^63 tags": lambda: big(BIG_TAGS, count=2**63),
    "BigTIFF whose offsets have 3 bytes": lambda: big(BIG_TAGS).replace(b"+\0\x08\0", b"+\0\x03\0"),
    "BigTIFF whose pixels are 2^63 bytes away": lambda: big([(*e[:3], 2**63) if e[0] == 273 else e for e in BIG_TAGS]),
    "TIFF that unpacks to zeros, 12,000 pixels a side": lambda: packed(8, zeros(138)),
}
"""None holds its pixels."""

ODD: dict[str, Callable[[], bytes]] = {
    "TIFF of tiles of 2^31 pixels": lambda: picture((322, LONG, 1, 2**31 - 1), (323, LONG, 1, 2**31 - 1)),
    "TIFF packed as fax, which it is not": lambda: picture((259, SHORT, 1, 4), (258, SHORT, 1, 1)),
    "TIFF of 100,000 directories": lambda: tiff_of_directories(100_000),
    "TIFF whose directories form a ring": lambda: tiff(directory(TAGS, 8)),
    "TIFF of a million strips": lambda: tiff_of_strips(1_000_000),
    "TIFF whose pixels are its directory": lambda: tiff(directory(TAGS)),
    "TIFF whose deflated pixels go on for 500 MB": lambda: picture((259, SHORT, 1, 8), pixels=zeros(500)),
    "TIFF whose strips are all the same 2 MB": lambda: picture(
        *((256, LONG, 1, 2000), (257, LONG, 1, 5000), (278, LONG, 1, 1), (273, LONG, 5000, 8 + 2_000_000)),
        (279, LONG, 5000, 8 + 2_000_000 + 20_000),
        pixels=bytes(2_000_000),
        after=struct.pack("<I", 8) * 5000 + struct.pack("<I", 2_000_000) * 5000,
    ),
    "TIFF of a description of 15 MB": lambda: described(b"x" * 15_000_000),
    "TIFF of a description of 100 MB": lambda: described(b"x" * 100_000_000),
    "TIFF of an OME description that grows to 10^11 laughs": lambda: described(BILLION.encode()),
    "TIFF of an OME description 100,000 deep": lambda: described(b"<OME>" + b"<a>" * 100_000 + b"</a>" * 100_000),
    "TIFF of a JSON description 100,000 deep": lambda: described(b'{"pixel_size":' + b"[" * 100_000),
    "TIFF of ImageJ with a million images": lambda: described(
        b"ImageJ=1.53\nimages=1000000\nunit=um\nhyperstack=true\n"
    ),
    "TIFF of ImageJ whose unit is followed by a megabyte of spaces": lambda: described(
        b"ImageJ=1.53\nunit=x" + b" " * 2**20 + b"y\n"
    ),
    "TIFF of a Zeiss block of 12 MB": lambda: picture(
        (34118, ASCII, 12_000_000, 8 + PIXELS.size), after=b"0\n" * 4 + b"a=1\n" * 2_999_998
    ),
    "TIFF of sub-directories in a ring": lambda: picture((330, LONG, 1, 8 + PIXELS.size), (34665, LONG, 1, 8)),
    "TIFF of tags of unknown types": lambda: picture((40_001, 99, 9, 8), (40_002, 0, 2**32 - 1, 8)),
    "TIFF of a tag of 4 billion bytes": lambda: picture((40_001, 7, 2**32 - 1, 8)),
    "TIFF of an LSM block that is none": lambda: picture((34412, 1, PIXELS.size, 8)),
    "TIFF of a MetaMorph stack of a billion planes": lambda: picture((33628, 5, 10**6, 8), (33629, 5, 10**9, 8)),
    "BigTIFF of 1,000,000 tags": lambda: big(BIG_TAGS + [(40_000, 3, 1, 1)] * 1_000_000),
    "BigTIFF": lambda: big(BIG_TAGS),
}
"""Read as the picture that they hold, or refused."""


def boundaries(file: bytes) -> list[int]:
    """Of a file by ``picture``: its header, its pixels, and each entry of its directory."""
    (start,) = struct.unpack_from("<I", file, 4)
    count = struct.unpack_from("<H", file, start)[0]
    return [4, 8, 9, start // 2, start - 1, start, *(start + 2 + 12 * n for n in range(count + 1)), len(file) - 1]
