"""Uploaded image files: which are accepted, what their header claims, and their gray pixels.

The first bytes decide the format, never the name. Pillow's own guard against decompression bombs stays on; files
are opened by the plugin of their format, and the size they claim is checked against UPLOAD_MAX_PIXELS before decoding.
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import BmpImagePlugin, Image, ImageFile, ImageOps, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

from microdb.errors import MicroDBError
from microdb.micrographs.files.data_bar import find_data_bar
from microdb.micrographs.files.file_format import file_format, first_bytes

PLUGINS: dict[str, type[ImageFile.ImageFile]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}
DAMAGE = (OSError, SyntaxError, ValueError, TypeError, KeyError, EOFError, IndexError, struct.error, zlib.error)
"""What Pillow's decoders raise on damaged files."""

SUBFILE_TYPE = 254
MOST_PAGES, MOST_COMPARED = 16, 4
"""Only the first pages of a long stack are read."""


@dataclass(frozen=True)
class Header:
    """What the header of a file claims, before its pixels are decoded; ``bit_depth`` is per channel."""

    file_format: str
    width: int
    height: int
    bit_depth: int


def read_header(file: IO[bytes]) -> Header:
    """Check size, format and claimed dimensions without decoding; raises MicroDBError with the reason to refuse."""
    size = file.seek(0, 2)
    if size > settings.UPLOAD_MAX_BYTES:
        raise MicroDBError(
            _("The file has %(size).1f MB; at most %(most).1f MB are taken. Crop it or save it with compression.")
            % {"size": size / 1e6, "most": settings.UPLOAD_MAX_BYTES / 1e6},
            code="too_large",
        )
    with open_image(file) as image:
        return Header(file_format(file), image.width, image.height, _bit_depth(image))


@contextmanager
def open_image(file: IO[bytes]) -> Iterator[ImageFile.ImageFile]:
    """The file's image, not yet decoded and within UPLOAD_MAX_PIXELS; the file itself stays open."""
    name = file_format(file)
    file.seek(0)
    try:
        image = PLUGINS[name](file)
    except DAMAGE as error:
        raise _unreadable(file, name) from error
    _check_size(image)
    yield image


def gray_pixels(file: IO[bytes]) -> np.ndarray:
    """Decode the master fully: (H, W) gray, uint8, uint16 or float32 as stored.

    Of several pages the one without a burnt-in data bar, then the deepest, then the first; small previews don't count.
    Raises MicroDBError: ``truncated`` where data are missing or damaged, ``not_finite`` where NaN or infinity is among
    the pixels, ``too_large`` where a page has more than UPLOAD_MAX_PIXELS.
    """
    with open_image(file) as image:
        try:
            pages = full_pages(image)
            pixels = _page(image, pages[0]) if len(pages) == 1 else _cleanest(image, pages)
        except (*DAMAGE, Image.DecompressionBombError) as error:
            raise MicroDBError(
                _("The file is cut short or damaged: its pixels could not all be read. Export or copy it again."),
                code="truncated",
            ) from error
    if pixels.dtype == np.float32 and not np.isfinite(pixels).all():
        raise MicroDBError(
            _("Some pixels are NaN or infinite. Replace them by numbers and save the image again."), code="not_finite"
        )
    return pixels


def full_pages(image: ImageFile.ImageFile) -> list[int]:
    """The first pages of a TIFF that are no previews: at least half as large as its largest; [0] for other formats."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return [0]
    areas = []
    for number in range(MOST_PAGES):
        try:
            image.seek(number)
        except (*DAMAGE, EOFError):
            break  # the last page, or a damaged directory after it
        reduced = int(image.tag_v2.get(SUBFILE_TYPE, 0)) & 1
        areas.append(0 if reduced and number else image.width * image.height)
    image.seek(0)
    return [number for number, area in enumerate(areas) if 2 * area >= max(areas)][:MOST_COMPARED] or [0]


def _cleanest(image: ImageFile.ImageFile, pages: list[int]) -> np.ndarray:
    """Decodes the pages one after another and keeps the best."""
    best = _page(image, pages[0])
    with_bar = find_data_bar(best) is not None
    for number in pages[1:]:
        if not with_bar and best.itemsize > 1:
            break
        try:
            other = _page(image, number)
        except DAMAGE:
            continue  # the first page is whole, and it is enough
        other_with_bar = find_data_bar(other) is not None
        if (other_with_bar, -other.itemsize) < (with_bar, -best.itemsize):
            best, with_bar = other, other_with_bar
    return best


def _page(image: ImageFile.ImageFile, number: int) -> np.ndarray:
    if number:
        image.seek(number)
    _check_size(image)
    image.load()
    upright = ImageOps.exif_transpose(image)
    return _as_gray(upright, white_is_zero=_white_is_zero(image))


def _check_size(image: ImageFile.ImageFile) -> None:
    pixels = image.width * image.height
    if pixels > settings.UPLOAD_MAX_PIXELS:
        raise MicroDBError(
            _(
                "The image has %(width)d x %(height)d pixels; at most %(most)d million in all are taken. "
                "Crop or shrink it."
            )
            % {"width": image.width, "height": image.height, "most": settings.UPLOAD_MAX_PIXELS / 1e6},
            code="too_large",
        )


def _as_gray(image: Image.Image, *, white_is_zero: bool) -> np.ndarray:
    if image.mode.startswith("I;16"):
        deep = np.asarray(image).astype(np.uint16)
        return np.uint16(65535) - deep if white_is_zero else deep
    if image.mode == "I":
        whole = np.asarray(image)
        fits = whole.min() >= 0 and whole.max() <= 65535
        return whole.astype(np.uint16 if fits else np.float32)
    if image.mode == "F":
        return np.array(image, dtype=np.float32)
    # np.array copies: the caller may keep the pixels after the image is gone
    return np.array(image.convert("L"))


def _white_is_zero(image: Image.Image) -> bool:
    """Pillow inverts such files at 8 bits but not at 16."""
    tags = getattr(image, "tag_v2", {})
    return tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0


def _bit_depth(image: ImageFile.ImageFile) -> int:
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        bits = image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,))
        return int(bits[0])
    if image.mode == "1":
        return 1
    return 16 if image.mode.startswith("I") else 8


def _unreadable(file: IO[bytes], name: str) -> MicroDBError:
    """Why the plugin refused a file that begins like one of its format."""
    if 0 in _claimed_size(file, name):
        return MicroDBError(_("The image has no pixels: a side of it is 0. Export it again."), code="not_an_image")
    return MicroDBError(
        _(
            "This %(name)s file has a damaged header or stores its pixels in an unusual way. "
            "Save it as 8-bit, 16-bit or 32-bit float gray, in TIFF or PNG."
        )
        % {"name": name},
        code="unsupported_format",
    )


def _claimed_size(file: IO[bytes], name: str) -> tuple[Any, ...]:
    """Width and height by the header's own words, where Pillow gives up on them."""
    start = first_bytes(file)
    try:
        if name == "PNG":
            return struct.unpack(">II", start[16:24])
        if name == "BMP":
            return struct.unpack("<ii", start[18:26])
        if name == "TIFF":
            return _tiff_size(file, start)
    except DAMAGE:
        pass  # too damaged: the general sentence is shown
    return ()


def _tiff_size(file: IO[bytes], start: bytes) -> tuple[Any, ...]:
    directory = TiffImagePlugin.ImageFileDirectory_v2(start[:16] if start[2:3] in b"+\0+" else start[:8])
    file.seek(directory.next)
    directory.load(file)
    return directory.get(TiffImagePlugin.IMAGEWIDTH), directory.get(TiffImagePlugin.IMAGELENGTH)
