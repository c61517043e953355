"""Reading a TIFF page as its own tags describe it: sample format, planar configuration, photometric, orientation.

``tifffile`` decodes. A page whose description leaves any doubt about its gray values is refused.
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import numpy as np
import tifffile
from django.utils.translation import gettext as _
from tifffile import COMPRESSION, PHOTOMETRIC, PLANARCONFIG, TIFF
from tifffile import TiffPage as Page

from microdb.errors import MicroDBError
from microdb.micrographs.files.gray import Pixels, from_cmyk, from_palette, from_rgb, full_range, inverted, narrowed

DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What tifffile and the codecs raise on damaged files."""

SUBFILE_TYPE, PHOTOMETRIC_TAG, ORIENTATION, INK_SET, NODATA = 254, 262, 274, 332, 42113
ALPHA = (1, 2)
CONVERTED_TO_RGB = (6, 7, 33007, 34892)
"""JPEG in TIFF: tifffile turns its YCbCr into RGB."""
PLAIN = (1, 5, 8, 32773, 32946, 34925, 50000)
"""Compressions that keep the samples as they are."""
MOST_PAGES, MOST_COMPARED = 16, 4
"""Only the first pages of a long stack are read."""


@contextmanager
def open_tiff(file: IO[bytes]) -> Iterator[tifffile.TiffFile]:
    """The TIFF's directory, nothing decoded; the file itself stays open."""
    with _directory(file) as tiff:
        yield tiff


def _directory(file: IO[bytes]) -> tifffile.TiffFile:
    file.seek(0)
    try:
        return tifffile.TiffFile(file)
    except IndexError:
        file.seek(0)
        return tifffile.TiffFile(file, is_lsm=False)  # a saved copy of a page of an LSM file has no second page


def page_at(tiff: tifffile.TiffFile, number: int) -> Page:
    page = tiff.pages[number]
    assert isinstance(page, Page)  # a TiffFrame stands for a page only where the caller asks for it
    return page


def full_pages(tiff: tifffile.TiffFile) -> list[int]:
    """The first pages that are no previews: at least half as large as the largest."""
    areas = []
    for number in range(MOST_PAGES):
        try:
            page = page_at(tiff, number)
        except DAMAGE:
            break  # the last page, or a damaged directory after it
        areas.append(0 if number and page.subfiletype & 1 else page.imagewidth * page.imagelength)
    return [number for number, area in enumerate(areas) if 2 * area >= max(areas)][:MOST_COMPARED] or [0]


def bits_per_sample(page: Page) -> int:
    bits = page.bitspersample
    return int(bits) if isinstance(bits, int) else int(max(bits))


def check_layout(page: Page) -> None:
    """Raise MicroDBError, code ``unsupported_format``, for a page whose gray values would be a guess."""
    problem = _layout_problem(page)
    if problem:
        raise MicroDBError(
            _("This TIFF %s. Save it as 8-bit, 16-bit or 32-bit float gray, in TIFF or PNG.") % problem,
            code="unsupported_format",
        )


def page_gray(page: Page) -> Pixels:
    """The upright gray pixels (H, W) of a page: uint8, uint16 or float32. Raises one of DAMAGE where data miss."""
    check_layout(page)
    _check_segments(page)
    separate, _depth, height, width, contiguous = page.shaped
    stored = page.asarray(squeeze=False, maxworkers=1)
    samples = stored.reshape(height, width, contiguous) if separate == 1 else stored[:, 0, :, :, 0].transpose(1, 2, 0)
    return np.ascontiguousarray(_upright(_gray(samples, page), page))


def _gray(samples: Pixels, page: Page) -> Pixels:
    bits, photometric = bits_per_sample(page), _photometric(page)
    if photometric == PHOTOMETRIC.PALETTE:
        assert page.colormap is not None  # checked
        return from_palette(samples[..., 0], np.asarray(page.colormap), bits)
    if photometric == PHOTOMETRIC.SEPARATED:
        return from_cmyk(samples)
    if photometric == PHOTOMETRIC.RGB or (photometric == PHOTOMETRIC.YCBCR and page.compression in CONVERTED_TO_RGB):
        return from_rgb(samples, bits)
    gray = full_range(samples[..., 0], bits)
    if photometric == PHOTOMETRIC.MINISWHITE:
        gray = inverted(gray, bits)
    return narrowed(gray)


def _photometric(page: Page) -> int:
    """As stated; a page that states none is gray with one sample and RGB with more, as libtiff has it."""
    if PHOTOMETRIC_TAG in page.tags:
        return int(page.photometric)
    return int(PHOTOMETRIC.MINISBLACK if page.samplesperpixel < 3 else PHOTOMETRIC.RGB)


def _layout_problem(page: Page) -> str:
    """What is unusual about the page, as the end of “This TIFF …”; empty where its gray values are certain."""
    if page.dtype is None or page.dtype.kind not in "buif" or isinstance(page.bitspersample, tuple):
        return _("stores samples of an unusual kind (format %(format)s, %(bits)s bits)") % {
            "format": page.sampleformat,
            "bits": page.bitspersample,
        }
    if page.imagedepth != 1:
        return _("stores a volume and not a picture")
    if page.compression != 1 and page.compression not in TIFF.DECOMPRESSORS:
        return _("is compressed in an unusual way (%s)") % int(page.compression)
    return _colour_problem(page)


def _colour_problem(page: Page) -> str:
    photometric, samples = _photometric(page), page.samplesperpixel
    whole = page.dtype is not None and page.dtype.kind in "bu"
    extra = tuple(int(kind) for kind in page.extrasamples)
    if photometric in (PHOTOMETRIC.MINISWHITE, PHOTOMETRIC.MINISBLACK):
        fits = samples == 1 or (samples == 2 and extra in ((1,), (2,)))
    elif photometric == PHOTOMETRIC.RGB:
        fits = samples >= 3 and bits_per_sample(page) >= 8
    elif photometric == PHOTOMETRIC.PALETTE:
        fits = samples == 1 and whole and page.colormap is not None
    elif photometric == PHOTOMETRIC.SEPARATED:
        fits = samples == 4 and page.dtype == np.uint8 and page.tags.valueof(INK_SET, 1) == 1
    elif photometric == PHOTOMETRIC.YCBCR:
        jpeg = page.compression in CONVERTED_TO_RGB and page.planarconfig == PLANARCONFIG.CONTIG
        fits = samples == 3 and whole and (jpeg or (page.compression in PLAIN and not page.is_subsampled))
    else:
        fits = False
    if fits:
        return ""
    return _("has %(samples)d samples per pixel of a kind that is not read (photometric %(number)d)") % {
        "samples": samples,
        "number": photometric,
    }


def _check_segments(page: Page) -> None:
    """Raise ValueError where a strip or tile is missing or cut; tifffile would fill it with zeros."""
    separate = page.samplesperpixel if page.planarconfig == PLANARCONFIG.SEPARATE else 1
    if page.is_tiled:
        expected = -(-page.imagewidth // page.tilewidth) * -(-page.imagelength // page.tilelength) * separate
    else:
        expected = -(-page.imagelength // max(1, min(page.rowsperstrip, page.imagelength))) * separate
    offsets, counts = page.dataoffsets, page.databytecounts
    if not page.is_contiguous and (len(offsets) < expected or len(counts) < expected):
        raise ValueError("strips or tiles are missing")
    left_out = sum(offset == count == 0 for offset, count in zip(offsets, counts, strict=False))
    if left_out:
        raise MicroDBError(
            _("This TIFF leaves out %(missing)d of its %(all)d strips or tiles. Save it again with all its pixels.")
            % {"missing": left_out, "all": expected},
            code="unsupported_format",
        )
    size = page.parent.filehandle.size
    for offset, count in zip(offsets, counts, strict=False):
        if offset <= 0 or count <= 0 or offset + count > size:
            raise ValueError("a strip or tile is missing or cut")
    if sum(counts) > size:
        raise ValueError("strips or tiles overlap")
    if page.compression == COMPRESSION.NONE and 8 * sum(counts) < page.size * bits_per_sample(page):
        raise ValueError("strips or tiles are too short")


def _upright(gray: Pixels, page: Page) -> Pixels:
    match page.tags.valueof(ORIENTATION, 1):
        case 2:
            return gray[:, ::-1]
        case 3:
            return gray[::-1, ::-1]
        case 4:
            return gray[::-1]
        case 5:
            return gray.T
        case 6:
            return np.rot90(gray, -1)
        case 7:
            return gray[::-1, ::-1].T
        case 8:
            return np.rot90(gray)
        case _:
            return gray
