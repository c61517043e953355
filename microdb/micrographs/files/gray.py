"""Gray values from decoded samples, as uint8, uint16 or float32, with as little loss as those allow."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[Any]

LUMA = (19595, 38470, 7471)
"""Rec. 601 weights of red, green and blue, of 65536, as Pillow has them."""
EXACT_SHARE = 2**-16
"""Of the picture's range: rounding to float32 may be no coarser."""


def full_range(values: Pixels, bits: int) -> Pixels:
    """Samples of fewer than 8 bits, stretched to 0 to 255; others unchanged."""
    if values.dtype.kind == "b":
        return np.where(values, np.uint8(255), np.uint8(0))
    if bits < 8 and values.dtype.kind == "u":
        return np.asarray(values.astype(np.uint16) * 255 // (2**bits - 1), np.uint8)
    return values


def inverted(values: Pixels, bits: int) -> Pixels:
    """White for black: whole numbers within the range of their bits, floats within their own."""
    if values.dtype.kind == "u":
        most = 2 ** max(bits, 8) - 1
        return np.asarray(np.subtract(values.dtype.type(most), values))
    if values.dtype.kind == "i":
        return np.asarray(np.invert(values))
    deep = values.astype(np.result_type(values.dtype, np.float32), copy=False)
    return np.asarray(np.subtract(deep.min() + deep.max(), deep))


def narrowed(values: Pixels) -> Pixels:
    """Whole numbers that fit as uint8 or uint16, everything else as float32.

    Where float32 would round away parts of the picture, such as 200 levels above 2^31, its minimum is taken off first.
    """
    if values.dtype in (np.uint8, np.uint16):
        return values.astype(values.dtype.newbyteorder("="), copy=False)
    low, high = values.min(), values.max()
    if values.dtype.kind in "iu" and low >= 0 and high <= 65535:
        return values.astype(np.uint8 if values.dtype.itemsize == 1 else np.uint16)
    if values.dtype in (np.float16, np.float32):
        return values.astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # infinity is refused later
        coarse = float(np.spacing(np.float32(max(abs(float(low)), abs(float(high))))))
        if coarse > EXACT_SHARE * (float(high) - float(low)) > 0:
            values = values.astype(np.float64) - float(low) if values.dtype.kind != "u" else values - low
        return values.astype(np.float32)


def from_rgb(samples: Pixels, bits: int) -> Pixels:
    """Luma of red, green and blue (H, W, 3 or more); further samples are left out."""
    if samples.dtype.kind == "u" and samples.dtype.itemsize <= 2:
        weighted = sum(
            (samples[..., channel].astype(np.uint32) * np.uint32(LUMA[channel]) for channel in range(3)),
            np.uint32(2**15),
        )
        return (np.asarray(weighted) >> 16).astype(samples.dtype.newbyteorder("="))
    deep = sum((samples[..., channel].astype(np.float64) * (LUMA[channel] / 65536) for channel in range(3)), 0.0)
    return narrowed(np.asarray(deep))


def from_palette(indices: Pixels, colours: Pixels, bits: int) -> Pixels:
    """Gray of the palette's colours (3, 2^bits), 16 bits each; some programs write them with 8."""
    table = colours.astype(np.uint16).T
    if bits <= 8:
        table = (table if table.max() < 256 else table >> 8).astype(np.uint8)
    return from_rgb(table, 8 if bits <= 8 else 16)[indices.astype(np.intp)]


def from_cmyk(samples: Pixels) -> Pixels:
    """Gray of cyan, magenta, yellow and black (H, W, 4) in 8 bits."""
    return np.array(Image.fromarray(np.ascontiguousarray(samples), "CMYK").convert("L"))
