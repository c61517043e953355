"""The gray pixels of uploaded image files.

The first bytes decide the format, never the name. Pillow's own guard against decompression bombs stays on; files
are opened by the plugin of their format, and the size they claim is checked against UPLOAD_MAX_PIXELS before decoding.
Web processes look at headers only, see ``header``.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import IO

import imagecodecs
import numpy as np
import tifffile
from django.utils.translation import gettext as _
from PIL import BmpImagePlugin, Image, ImageFile, ImageOps, JpegImagePlugin, PngImagePlugin

from microdb.errors import MicroDBError
from microdb.micrographs.files import tiff
from microdb.micrographs.files.data_bar import find_data_bar
from microdb.micrographs.files.file_format import file_format, first_bytes
from microdb.micrographs.files.floods import check_parts
from microdb.micrographs.files.gray import from_rgb
from microdb.micrographs.files.header import check_size, damaged_header
from microdb.micrographs.files.png_rows import check_rows

PLUGINS: dict[str, type[ImageFile.ImageFile]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}
DAMAGE = (OSError, SyntaxError, ValueError, TypeError, KeyError, EOFError, IndexError, struct.error, zlib.error)
"""What Pillow's decoders raise on damaged files."""


@dataclass(frozen=True)
class Decoded:
    """Gray pixels (H, W), uint8, uint16 or float32, and the number of the page that they come from."""

    pixels: np.ndarray
    page: int = 0


def gray_pixels(file: IO[bytes]) -> np.ndarray:
    """The gray pixels (H, W) of a master; see ``decoded``."""
    return decoded(file).pixels


def decoded(file: IO[bytes]) -> Decoded:
    """Decode the master fully.

    Of several pages the one without a burnt-in data bar, then the deepest, then the first; small previews don't count.
    Raises MicroDBError: ``truncated`` where data are missing or damaged, ``not_finite`` where NaN or infinity is among
    the pixels, ``too_large`` where a page has more than UPLOAD_MAX_PIXELS, ``unsupported_format`` where a TIFF stores
    its pixels in a way that is not read.
    """
    name = file_format(file)
    check_parts(file, name)
    try:
        found = _cleanest(file) if name == "TIFF" else Decoded(_picture(file, name))
    except (*DAMAGE, *tiff.DAMAGE, Image.DecompressionBombError) as error:
        raise MicroDBError(
            _("The file is cut short or damaged: its pixels could not all be read. Export or copy it again."),
            code="truncated",
        ) from error
    if found.pixels.dtype == np.float32 and not np.isfinite(found.pixels).all():
        raise MicroDBError(
            _("Some pixels are NaN or infinite. Replace them by numbers and save the image again."), code="not_finite"
        )
    return found


def shown_page(file: IO[bytes]) -> int:
    """The number of the page that ``decoded`` shows; decodes only where there is a choice."""
    if file_format(file) != "TIFF":
        return 0
    with tiff.open_tiff(file) as opened:
        first, *others = tiff.full_pages(opened)
    return decoded(file).page if others else first


def _opened(file: IO[bytes], name: str) -> ImageFile.ImageFile:
    """A PNG, JPEG or BMP, not yet decoded and within UPLOAD_MAX_PIXELS."""
    file.seek(0)
    try:
        image = PLUGINS[name](file)
    except DAMAGE as error:
        raise damaged_header(name) from error
    check_size(image.width, image.height)
    return image


def _cleanest(file: IO[bytes]) -> Decoded:
    """The best of the full pages, decoded one after another."""
    with tiff.open_tiff(file) as opened:
        first, *others = tiff.full_pages(opened)
        best = _tiff_page(opened, first)
        with_bar = bool(others) and find_data_bar(best.pixels) is not None
        for number in others:
            if not with_bar and best.pixels.itemsize > 1:
                break
            other = _other_page(opened, number)
            if other is None:
                continue
            other_with_bar = find_data_bar(other.pixels) is not None
            if (other_with_bar, -other.pixels.itemsize) < (with_bar, -best.pixels.itemsize):
                best, with_bar = other, other_with_bar
    return best


def _tiff_page(opened: tifffile.TiffFile, number: int) -> Decoded:
    page = tiff.page_at(opened, number)
    check_size(page.imagewidth, page.imagelength)
    return Decoded(tiff.page_gray(page), number)


def _other_page(opened: tifffile.TiffFile, number: int) -> Decoded | None:
    """A later page; None where it can't be read, for the first one is whole and enough."""
    try:
        return _tiff_page(opened, number)
    except tiff.DAMAGE:
        return None
    except MicroDBError as error:
        if error.code == "too_large":
            raise
        return None


def _picture(file: IO[bytes], name: str) -> np.ndarray:
    image = _opened(file, name)
    if name == "PNG":
        check_rows(file)
    image.load()
    if name == "PNG" and _is_deep_png(file):
        return _deep_png(file)
    return _as_gray(ImageOps.exif_transpose(image))


def _is_deep_png(file: IO[bytes]) -> bool:
    """Whether a PNG has 16 bits and colours or alpha, of which Pillow would keep 8 bits."""
    return first_bytes(file)[24:26] in (b"\x10\x02", b"\x10\x04", b"\x10\x06")


def _deep_png(file: IO[bytes]) -> np.ndarray:
    file.seek(0)
    samples = imagecodecs.png_decode(file.read())
    if samples.shape[2] == 2:  # gray and alpha
        return np.ascontiguousarray(samples[..., 0])
    return from_rgb(samples, 16)


def _as_gray(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I"):
        return np.asarray(image).astype(np.uint16)  # PNG has at most 16 bits
    # np.array copies: the caller may keep the pixels after the image is gone
    return np.array(image.convert("L"))
