"""Image files as they come from strangers: which are accepted, what their header claims, and their gray pixels.

The format is told by the first bytes, never by the name. Pillow's own guard against decompression bombs stays on; files
are opened by the plugin of their format, and the size they claim is checked against UPLOAD_MAX_PIXELS before decoding.
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import BmpImagePlugin, Image, ImageFile, ImageOps, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

from microdb.errors import MicroDBError

PLUGINS: dict[str, type[ImageFile.ImageFile]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}
ACCEPTED = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"BM": "BMP",
}
"""First bytes of the formats that are stored; all of them are plain rasters that can carry no script."""

FOREIGN = {
    b"GIF8": "GIF",
    b"RIFF": "WebP",
    b"<svg": "SVG",
    b"<?xml": "XML or SVG",
    b"\0\0\0\x0cjP": "JPEG 2000",
    b"%PDF": "PDF",
    b"8BPS": "Photoshop",
    b"\x89HDF": "HDF5",
}
"""First bytes of formats whose owner deserves to hear more than “not an image”."""

DAMAGE = (OSError, SyntaxError, ValueError, TypeError, KeyError, EOFError, IndexError, struct.error, zlib.error)
"""What Pillow's decoders raise on damaged files."""


@dataclass(frozen=True)
class Header:
    """What a file says of itself, before its pixels are decoded; ``bit_depth`` is per channel."""

    file_format: str
    width: int
    height: int
    bit_depth: int


def file_format(file: IO[bytes]) -> str:
    """PNG, JPEG, TIFF or BMP by the first bytes; raises MicroDBError for everything else."""
    start = _start(file)
    if not start:
        raise MicroDBError(_("The file is empty (0 bytes). Export or copy it again."), code="empty")
    for signature, name in ACCEPTED.items():
        if start.startswith(signature):
            return name
    for signature, name in FOREIGN.items():
        if start.lstrip().startswith(signature):
            raise MicroDBError(
                _("This is a %(name)s file; PNG, JPEG, TIFF or BMP was wanted. Save the image as TIFF or PNG.")
                % {"name": name},
                code="unsupported_format",
            )
    raise MicroDBError(
        _("This is no image file, whatever its name says; PNG, JPEG, TIFF or BMP was wanted. Choose the image itself."),
        code="not_an_image",
    )


def has_accepted_start(path: Path) -> bool:
    """Whether the file begins like one of the accepted formats."""
    with path.open("rb") as file:
        return file.read(8).startswith(tuple(ACCEPTED))


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
    yield image


def gray_pixels(file: IO[bytes]) -> np.ndarray:
    """Decode the master fully: (H, W) gray, uint8, uint16 or float32 as stored; the first page where there are several.

    Raises MicroDBError: ``truncated`` where data are missing or damaged, ``not_finite`` where NaN or infinity is among
    the pixels.
    """
    with open_image(file) as image:
        try:
            image.load()
            upright = ImageOps.exif_transpose(image)
            pixels = _as_gray(upright, white_is_zero=_white_is_zero(image))
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
    start = _start(file)
    try:
        if name == "PNG":
            return struct.unpack(">II", start[16:24])
        if name == "BMP":
            return struct.unpack("<ii", start[18:26])
        if name == "TIFF":
            return _tiff_size(file, start)
    except DAMAGE:
        pass  # too damaged to tell: the general sentence says so
    return ()


def _tiff_size(file: IO[bytes], start: bytes) -> tuple[Any, ...]:
    directory = TiffImagePlugin.ImageFileDirectory_v2(start[:16] if start[2:3] in b"+\0+" else start[:8])
    file.seek(directory.next)
    directory.load(file)
    return directory.get(TiffImagePlugin.IMAGEWIDTH), directory.get(TiffImagePlugin.IMAGELENGTH)


def _start(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(64)
