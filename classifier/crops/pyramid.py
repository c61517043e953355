"""The only place where pixels become network input, in training and in scoring.

An image becomes a `Pyramid`: standardised gray values at full, half, quarter ... resolution. A `Plan` says which square
windows to cut, at which size, angle and mirroring. `cut` resamples them all to one size in one grid_sample call, from
the level whose pixels are nearest to the wanted ones (bilinear over at most 1.4 pixels: no aliasing worth the name).

Random numbers are drawn on the CPU, so that the same seed plans the same crops on every device.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from classifier.config import Config

CLIP = 4.0
"""Standard deviations kept on either side of the mean gray value; a pyramid stores them in 8 bits."""


@dataclass(frozen=True)
class Pyramid:
    """One micrograph, ready to cut: `levels[k]` is uint8 (H / 2^k, W / 2^k), in 8-bit steps of 2 CLIP deviations."""

    levels: tuple[Tensor, ...]
    pixels_per_micrometre: float

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels of level 0."""
        height, width = self.levels[0].shape
        return height, width

    def digest(self) -> bytes:
        """Tells micrographs apart by their standardised gray values, so not by brightness, contrast or depth."""
        level = self.levels[0]
        return hashlib.sha256(repr(self.shape).encode() + level.cpu().numpy().tobytes()).digest()

    def gray(self, level: int) -> Tensor:
        """A level's gray values (H, W) in standard deviations, float32."""
        return _from_bytes(self.levels[level])


def standardised(gray: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gray values with mean 0 and deviation 1, after clipping the outermost 0.1 % (hot pixels, burnt-in marks)."""
    low, high = np.percentile(gray[:: max(1, gray.shape[0] // 1000)], [0.1, 99.9])
    clipped = np.clip(gray, low, high) if high > low else gray
    clipped = clipped - clipped.mean(dtype=np.float64)
    return (clipped / clipped.std(dtype=np.float64)).astype(np.float32)


def build_pyramid(
    gray: NDArray[np.float32], pixels_per_micrometre: float, config: Config, device: torch.device
) -> Pyramid:
    """The pyramid of a checked gray image (H, W), on `device`."""
    if (longest := max(gray.shape)) > config.crops.largest_side:  # first, so that a panorama is not copied at full size
        factor = config.crops.largest_side / longest
        size = [max(1, round(side * factor)) for side in gray.shape]
        gray = F.interpolate(torch.from_numpy(gray)[None, None], size=size, mode="area")[0, 0].numpy()
        pixels_per_micrometre *= factor
    level = torch.from_numpy(standardised(gray))[None, None].to(device)
    levels = [_to_bytes(level)]
    while min(level.shape[-2:]) >= 1.5 * config.crops.size:
        level = F.avg_pool2d(level, 2)
        levels.append(_to_bytes(level))
    return Pyramid(tuple(levels), pixels_per_micrometre)


def _to_bytes(level: Tensor) -> Tensor:
    return ((level[0, 0] + CLIP) * (255 / (2 * CLIP))).round().clamp(0, 255).to(torch.uint8)


def _from_bytes(values: Tensor) -> Tensor:
    return values.float().mul_(2 * CLIP / 255).sub_(CLIP)
