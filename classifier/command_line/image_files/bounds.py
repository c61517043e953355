"""What a file may be: one of four formats, and no more bytes and pixels than a micrograph has."""

from typing import IO

from PIL import Image

from classifier.errors import ClassifierError

MOST_BYTES = 2 * 2**30
MOST_PIXELS = 200_000_000
HARMLESS_BYTES = 2**26
MOST_TIMES_PACKED = 200
"""Unpacked bytes per byte of a file; micrographs reach 20, a picture of one colour 1000."""
FORMATS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"BM": "BMP",
}
"""By their first bytes, never by a name."""
BYTES_PER_SAMPLE = {"I": 4, "F": 4, "I;16": 2, "I;16B": 2, "I;16L": 2}


def file_format(file: IO[bytes], name: str) -> str:
    """PNG, JPEG, TIFF or BMP. Raises ClassifierError for another format, or a file that is too large."""
    size = file.seek(0, 2)
    file.seek(0)
    if size > MOST_BYTES:
        raise ClassifierError(
            f"{name} has {size / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.1f} MB are read. Crop it or save it with "
            "compression."
        )
    start = file.read(8)
    for signature, found in FORMATS.items():
        if start.startswith(signature):
            return found
    raise ClassifierError(f"{name} is no image that can be read; give PNG, TIFF, JPEG or BMP.")


def check_pixels(image: Image.Image, size: int, name: str) -> None:
    """Raise ClassifierError for an image, not decoded yet, that unpacks to too much from a file of `size` bytes."""
    pixels = image.width * image.height
    if pixels > MOST_PIXELS:
        raise ClassifierError(
            f"{name} has too many pixels ({image.width} x {image.height}); at most {MOST_PIXELS / 1e6:.0f} million in "
            "all are read. Crop or shrink it."
        )
    unpacked = pixels * len(image.getbands()) * BYTES_PER_SAMPLE.get(image.mode, 1)
    if unpacked > max(HARMLESS_BYTES, MOST_TIMES_PACKED * size):
        raise ClassifierError(
            f"{name} unpacks to {unpacked // size} times its size, which no micrograph does: at most "
            f"{MOST_TIMES_PACKED} times is read. It shows one colour almost everywhere; crop it."
        )
