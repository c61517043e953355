"""Whether a file holds all its pixels: Pillow takes many that are missing for black."""

from collections.abc import Callable
from typing import IO

from imagecodecs import png_decode
from PIL import Image, TiffImagePlugin

from classifier.command_line.image_files.parts import png_chunks

PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"IDAT")
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, STRIPS, SAMPLES, ROWS, STRIP_BYTES = (
    256, 257, 258, 259, 262, 273, 277, 278, 279
)  # fmt: skip
PLANAR, PALETTE, TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES, DEPTH = 284, 320, 322, 323, 324, 325, 32997
UNCOMPRESSED, SEPARATE, OF_A_PALETTE = 1, 2, 3


def check_whole(image: Image.Image, file: IO[bytes]) -> None:
    """Raise ValueError or RuntimeError for an image, not decoded yet, that lacks some of its pixels."""
    if check := _CHECKS.get(str(image.format)):
        check(image, file)


def _png(_image: Image.Image, file: IO[bytes]) -> None:
    """libpng, unlike Pillow, minds missing rows and wrong checksums. It gets only the chunks that make the picture."""
    file.seek(0)
    parts = [file.read(8)]
    for kind, length in png_chunks(file):
        if kind in NEEDED:
            file.seek(-8, 1)
            parts.append(file.read(12 + length))
    png_decode(b"".join([*parts, PNG_END]))


def _tiff(image: Image.Image, file: IO[bytes]) -> None:
    assert isinstance(image, TiffImagePlugin.TiffImageFile)
    tags = image.tag_v2
    number = {tag: _numbers(tags.get(tag))[0] for tag in (WIDTH, HEIGHT, ROWS, TILE_WIDTH, TILE_HEIGHT) if tag in tags}
    bits, samples = _numbers(tags.get(BITS, 1)), int(tags.get(SAMPLES, 1))
    if tags.get(DEPTH, 1) != 1:
        raise ValueError("it holds a volume and not a picture")
    if tags.get(PHOTOMETRIC) == OF_A_PALETTE and len(tags.get(PALETTE, ())) != 3 * 2 ** bits[0]:
        raise ValueError("its palette is short")
    tiled = TILE_WIDTH in tags
    offsets, counts = (_numbers(tags.get(tag, ())) for tag in ((TILES, TILE_BYTES) if tiled else (STRIPS, STRIP_BYTES)))
    width, height = (number[TILE_WIDTH], number[TILE_HEIGHT]) if tiled else (number[WIDTH], number.get(ROWS, 2**32))
    if min(width, height) <= 0:
        raise ValueError("its strips or tiles have no size")
    wanted = -(-number[WIDTH] // width) * -(-number[HEIGHT] // height)
    wanted *= samples if tags.get(PLANAR) == SEPARATE else 1
    if min(len(offsets), len(counts)) < wanted:
        raise ValueError("strips or tiles are missing")
    size = file.seek(0, 2)
    if any(offset <= 0 or count <= 0 or offset + count > size for offset, count in zip(offsets, counts, strict=False)):
        raise ValueError("a strip or tile is missing or cut")
    if sum(counts) > size:
        raise ValueError("strips or tiles overlap")
    if tags.get(COMPRESSION, UNCOMPRESSED) == UNCOMPRESSED and 8 * sum(counts) < (
        number[WIDTH] * number[HEIGHT] * samples * max(bits)
    ):
        raise ValueError("strips or tiles are too short")


def _numbers(value: object) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (int(str(value)),)


_CHECKS: dict[str, Callable[[Image.Image, IO[bytes]], None]] = {"PNG": _png, "TIFF": _tiff}
