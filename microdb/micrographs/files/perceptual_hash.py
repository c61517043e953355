"""The perceptual hash, which finds near-duplicates: small changes of contrast, size or compression flip few bits."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE, KEPT = 32, 8
NEAR = 10
"""Differing bits, of 64, up to which two micrographs count as near-duplicates. Measured on 182 real micrographs:
the same picture compressed, halved, brightened or trimmed by 1 % differs by 0 to 10, different ones by 14 or more."""


def perceptual_hash(pixels: NDArray[np.generic]) -> int:
    """64 bits, signed, of gray pixels (H, W): which low frequencies of the picture are stronger than the median one.

    The usual "pHash": 32 x 32 means, discrete cosine transform, the lowest 8 x 8 coefficients against their median.
    """
    small = Image.fromarray(pixels.astype(np.float32)).resize((SIDE, SIDE), Image.Resampling.BOX)
    place, frequency = np.arange(SIDE), np.arange(KEPT)
    cosines = np.cos(np.pi * np.outer(frequency, 2 * place + 1) / (2 * SIDE))
    cosines[0] /= np.sqrt(2)  # as in an orthonormal transform
    coefficients = (cosines @ np.asarray(small, np.float64) @ cosines.T).ravel()
    bits = coefficients > np.median(coefficients[1:])
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)


def differing_bits(first: int, second: int) -> int:
    """Of two perceptual hashes."""
    return ((first ^ second) & (2**64 - 1)).bit_count()
