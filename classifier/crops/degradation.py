"""Losses of image quality. They change nothing about the material, so a verdict should survive them.

Evidence of none of these is fitted to degraded copies of the known micrographs too. Otherwise a known micrograph saved
as JPEG, or slightly out of focus, differs from the training set as much as another material does.
"""

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from classifier.config import Config
from classifier.crops.pyramid import Pyramid, build_pyramid

Bytes = NDArray[np.uint8]
"""Gray values (H, W) in 8 bits."""
Degradation = Callable[[Bytes, np.random.Generator], Bytes]


def jpeg(pixels: Bytes, quality: int) -> Bytes:
    """Saved as JPEG and read again."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def blurred(pixels: Bytes, deviation: float) -> Bytes:
    """Out of focus: a Gaussian blur with this standard deviation in pixels."""
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(deviation)))


def noisy(pixels: Bytes, deviation: float, rng: np.random.Generator) -> Bytes:
    """With Gaussian noise of this standard deviation in gray values."""
    noise = rng.standard_normal(pixels.shape, dtype=np.float32) * np.float32(deviation)
    return np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8)


def with_gamma(pixels: Bytes, exponent: float) -> Bytes:
    """With the gray values raised to an exponent."""
    table = np.rint(255 * (np.arange(256) / 255) ** exponent).astype(np.uint8)
    return table[pixels]


def clipped(pixels: Bytes, percent: float) -> Bytes:
    """With the contrast raised until this percentage is saturated at either end."""
    low, high = np.percentile(pixels, [percent, 100 - percent])
    stretched: Bytes = np.clip((pixels - low) * (255 / max(1.0, high - low)), 0, 255).astype(np.uint8)
    return stretched


def resized(pixels: Bytes, factor: float) -> Bytes:
    """With the sides multiplied by a factor: averaged if it is below 1, interpolated if it is above."""
    height, width = (max(1, round(side * factor)) for side in pixels.shape)
    method = Image.Resampling.BOX if factor < 1 else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(pixels).resize((width, height), method))


def softened(pixels: Bytes, factor: float) -> Bytes:
    """Reduced by a factor and enlarged again to the same size, as a screenshot or a slide does."""
    height, width = pixels.shape
    reduced = Image.fromarray(resized(pixels, factor))
    return np.asarray(reduced.resize((width, height), Image.Resampling.BICUBIC))


DEGRADATIONS: dict[str, Degradation] = {
    "JPEG, quality 75": lambda pixels, rng: jpeg(pixels, 75),
    "JPEG, quality 30": lambda pixels, rng: jpeg(pixels, 30),
    "blur of 1 px": lambda pixels, rng: blurred(pixels, 1),
    "blur of 1.5 px": lambda pixels, rng: blurred(pixels, 1.5),
    "noise": lambda pixels, rng: noisy(pixels, 10, rng),
    "gamma 0.6": lambda pixels, rng: with_gamma(pixels, 0.6),
    "gamma 1.6": lambda pixels, rng: with_gamma(pixels, 1.6),
    "reduced and enlarged": lambda pixels, rng: softened(pixels, 0.5),
}
"""The degradations that an evaluation measures, by name."""

RANDOM: tuple[Degradation, ...] = (
    lambda pixels, rng: jpeg(pixels, round(np.exp(rng.uniform(np.log(25), np.log(90))))),
    lambda pixels, rng: blurred(pixels, rng.uniform(0.5, 1.6)),
    lambda pixels, rng: noisy(pixels, rng.uniform(3, 14), rng),
    lambda pixels, rng: softened(pixels, rng.uniform(0.4, 0.8)),
    lambda pixels, rng: with_gamma(pixels, np.exp(rng.normal(0, 0.4))),
    lambda pixels, rng: clipped(pixels, rng.uniform(0, 4)),
)
TWO = 0.3
"""Share of the copies with two degradations instead of one."""


def degraded(pixels: Bytes, rng: np.random.Generator) -> Bytes:
    """The pixels with one or two random degradations; unchanged if nothing but one gray value would be left."""
    result = pixels
    for chosen in rng.choice(len(RANDOM), 1 + (rng.random() < TWO), replace=False):
        result = RANDOM[chosen](result, rng)
    return result if result.min() < result.max() else pixels


def degraded_pyramid(pyramid: Pyramid, config: Config, rng: np.random.Generator) -> Pyramid:
    """The pyramid of a degraded copy, at the same scale and with the same masked rectangles."""
    level = pyramid.levels[0]
    pixels = degraded(level.cpu().numpy(), rng)
    return build_pyramid(pixels.astype(np.float32), pyramid.pixels_per_micrometre, config, level.device, pyramid.masked)
