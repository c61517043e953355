"""Reads the gray values of an image file. What Pillow would decode wrongly is put right or refused."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from classifier.command_line.image_files.bounds import check_pixels, file_format
from classifier.command_line.image_files.parts import check_parts
from classifier.command_line.image_files.whole import check_whole
from classifier.errors import ClassifierError

COMPRESSION, BITS, PHOTOMETRIC, SAMPLES, PLANAR, FORMAT = 259, 258, 262, 277, 284, 339
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
WHITE_IS_ZERO, BLACK_IS_ZERO = 0, 1
CONTIGUOUS = 1
Gray = NDArray[np.generic]
DAMAGE = (
    OSError, ValueError, SyntaxError, TypeError, LookupError, EOFError, OverflowError, RuntimeError, struct.error,
    zlib.error,
)  # fmt: skip
"""What Pillow and libpng raise on damaged files."""


def gray_of_file(path: Path) -> Gray:
    """The gray values (H, W) of the first page, as stored; colour becomes luminance.

    Raises ClassifierError for a file beyond the bounds, or one without all its pixels.
    """
    try:
        with path.open("rb") as file:
            found = file_format(file, path.name)
            check_parts(file, found, path.name)
            file.seek(0)
            with Image.open(file, formats=[found]) as image:
                check_pixels(image, path.stat().st_size, path.name)
                check_whole(image, file)
                return _tiff(image, path) if isinstance(image, TiffImagePlugin.TiffImageFile) else _gray(image)
    except ClassifierError:
        raise
    except FileNotFoundError as error:
        raise ClassifierError(f"There is no file {path}; check its name.") from error
    except UnidentifiedImageError as error:
        raise ClassifierError(f"{path.name} is no image that can be read; give PNG, TIFF, JPEG or BMP.") from error
    except Image.DecompressionBombError as error:
        raise ClassifierError(f"{path.name} has too many pixels to open safely; give a smaller image.") from error
    except DAMAGE as error:
        raise ClassifierError(f"{path.name} is damaged ({error}); export it again.") from error


def _gray(image: Image.Image) -> Gray:
    if image.mode in ("L", "I", "I;16", "I;16B", "I;16L", "F"):
        values: Gray = np.asarray(image)
        return values.astype(np.float32) if values.dtype.kind == "i" else values
    return np.asarray(image.convert("L"))


def _tiff(image: TiffImagePlugin.TiffImageFile, path: Path) -> Gray:
    """Pillow ignores the sign of 8-bit samples, ignores that white may be zero in deep ones, mixes deep planes, and
    swaps the bytes of compressed big-endian samples."""
    tags = image.tag_v2
    bits, sample_format = (set(_several(tags.get(code, default))) for code, default in ((BITS, 1), (FORMAT, UNSIGNED)))
    samples, photometric = int(tags.get(SAMPLES, 1)), int(tags.get(PHOTOMETRIC, BLACK_IS_ZERO))
    shallow = max(bits) <= 8 and sample_format == {UNSIGNED}
    if shallow or (bits == {16} and samples > 1 and tags.get(PLANAR, CONTIGUOUS) == CONTIGUOUS):
        return _gray(image)
    layout = (max(bits), max(sample_format), photometric)
    swapped = tags.prefix == b"MM" and tags.get(COMPRESSION, 1) != 1 and layout not in _NEVER_SWAPPED
    single = samples == len(bits) == len(sample_format) == 1
    convert = _DEEP.get(layout) if single and not swapped else None
    if convert is None:
        raise ClassifierError(
            f"{path.name} stores its samples in a way that is not read ({max(bits)} bits, format {max(sample_format)}, "
            f"{samples} samples, photometric {photometric}); save it as 8-bit or 16-bit gray."
        )
    return convert(_gray(image))


_DEEP: dict[tuple[int, int, int], Callable[[Gray], Gray]] = {
    (16, UNSIGNED, BLACK_IS_ZERO): lambda gray: gray,
    (16, UNSIGNED, WHITE_IS_ZERO): lambda gray: np.asarray(65535 - gray.astype(np.int32), np.uint16),
    (16, SIGNED, BLACK_IS_ZERO): lambda gray: gray,
    (32, SIGNED, BLACK_IS_ZERO): lambda gray: gray,
    (32, FLOAT, BLACK_IS_ZERO): lambda gray: gray,
    (64, FLOAT, BLACK_IS_ZERO): lambda gray: gray,
    (8, SIGNED, BLACK_IS_ZERO): lambda gray: gray.view(np.int8).astype(np.float32),
}
"""Bits, sample format and photometric interpretation of gray pages, and what makes Pillow's values right."""

_NEVER_SWAPPED = {(16, UNSIGNED, BLACK_IS_ZERO), (16, UNSIGNED, WHITE_IS_ZERO), (8, SIGNED, BLACK_IS_ZERO)}


def _several(value: object) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple) else (int(str(value)),)
