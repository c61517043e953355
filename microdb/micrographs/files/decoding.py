"""Uploaded image files: which are accepted, what their header claims, and their gray pixels.

The first bytes decide the format, never the name. Pillow's own guard against decompression bombs stays on; files
are opened by the plugin of their format, and the size they claim is checked against UPLOAD_MAX_PIXELS before decoding.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import IO, Any

import imagecodecs
import numpy as np
import tifffile
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import BmpImagePlugin, Image, ImageFile, ImageOps, JpegImagePlugin, PngImagePlugin

from microdb.errors import MicroDBError
from microdb.micrographs.files import tiff
from microdb.micrographs.files.data_bar import find_data_bar
from microdb.micrographs.files.file_format import file_format, first_bytes
from microdb.micrographs.files.gray import from_rgb

PLUGINS: dict[str, type[ImageFile.ImageFile]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}
DAMAGE = (OSError, SyntaxError, ValueError, TypeError, KeyError, EOFError, IndexError, struct.error, zlib.error)
"""What Pillow's decoders raise on damaged files."""


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
    name = file_format(file)
    if name == "TIFF":
        return _tiff_header(file)
    image = _opened(file, name)
    bits = 16 if name == "PNG" and _is_deep_png(file) else _bit_depth(image)
    return Header(name, image.width, image.height, bits)


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
        raise _unreadable(file, name) from error
    _check_size(image.width, image.height)
    return image


def _tiff_header(file: IO[bytes]) -> Header:
    try:
        with tiff.open_tiff(file) as opened:
            page = tiff.page_at(opened, 0)
            width, height = page.imagewidth, page.imagelength
            if not width or not height:
                raise _without_pixels()
            _check_size(width, height)
            tiff.check_layout(page)
            return Header("TIFF", width, height, tiff.bits_per_sample(page))
    except tiff.DAMAGE as error:
        raise _unreadable(file, "TIFF") from error


def _cleanest(file: IO[bytes]) -> Decoded:
    """The best of the full pages, decoded one after another."""
    _tiff_header(file)
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
    _check_size(page.imagewidth, page.imagelength)
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


def _check_size(width: int, height: int) -> None:
    if width * height > settings.UPLOAD_MAX_PIXELS:
        raise MicroDBError(
            _(
                "The image has %(width)d x %(height)d pixels; at most %(most)d million in all are taken. "
                "Crop or shrink it."
            )
            % {"width": width, "height": height, "most": settings.UPLOAD_MAX_PIXELS / 1e6},
            code="too_large",
        )


def _as_gray(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I"):
        return np.asarray(image).astype(np.uint16)  # PNG has at most 16 bits
    # np.array copies: the caller may keep the pixels after the image is gone
    return np.array(image.convert("L"))


def _bit_depth(image: ImageFile.ImageFile) -> int:
    if image.mode == "1":
        return 1
    return 16 if image.mode.startswith("I") else 8


def _unreadable(file: IO[bytes], name: str) -> MicroDBError:
    """Why the reader refused a file that begins like one of its format."""
    if 0 in _claimed_size(file, name):
        return _without_pixels()
    return MicroDBError(
        _(
            "This %(name)s file has a damaged header or stores its pixels in an unusual way. "
            "Save it as 8-bit, 16-bit or 32-bit float gray, in TIFF or PNG."
        )
        % {"name": name},
        code="unsupported_format",
    )


def _without_pixels() -> MicroDBError:
    return MicroDBError(_("The image has no pixels: a side of it is 0. Export it again."), code="not_an_image")


def _claimed_size(file: IO[bytes], name: str) -> tuple[Any, ...]:
    """Width and height in the header, where Pillow gives up on them."""
    start = first_bytes(file)
    try:
        if name == "PNG":
            return struct.unpack(">II", start[16:24])
        if name == "BMP":
            return struct.unpack("<ii", start[18:26])
    except struct.error:
        pass  # too damaged: the general sentence is shown
    return ()
