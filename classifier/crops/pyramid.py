"""The image pyramid of a micrograph: standardised gray values at full, half, quarter ... resolution.

A `Plan` lists square windows. `cut` resamples all of them to one size in one grid_sample call, each from the level
whose pixel size is nearest: bilinear interpolation over at most 1.4 pixels, so without visible aliasing. Random numbers
are drawn on the CPU, so that one seed plans the same crops on every device.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from classifier.config import Config
from classifier.samples import Rectangle

CLIP = 4.0
"""Gray values are clipped at this many standard deviations from the mean and stored in 8 bits."""


@dataclass(frozen=True)
class Pyramid:
    """One micrograph; `levels[k]` is uint8 (H / 2^k, W / 2^k), where 0 to 255 spans -CLIP to CLIP deviations.

    `masked` are the filled rectangles, in pixels of level 0.
    """

    levels: tuple[Tensor, ...]
    pixels_per_micrometre: float
    masked: tuple[Rectangle, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels of level 0."""
        height, width = self.levels[0].shape
        return height, width

    def digest(self) -> bytes:
        """SHA-256 of the standardised gray values, so independent of brightness, contrast and bit depth."""
        level = self.levels[0]
        return hashlib.sha256(repr(self.shape).encode() + level.cpu().numpy().tobytes()).digest()

    def gray(self, level: int) -> Tensor:
        """A level's gray values (H, W) in standard deviations, float32."""
        return from_bytes(self.levels[level])


def standardised(gray: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gray values with mean 0 and deviation 1, after clipping the extreme 0.1 % (hot pixels, burnt-in marks)."""
    low, high = np.percentile(gray[:: max(1, gray.shape[0] // 1000)], [0.1, 99.9])
    clipped = np.clip(gray, low, high) if high > low else gray
    clipped = clipped - clipped.mean(dtype=np.float64)
    deviations: NDArray[np.float32] = (clipped / clipped.std(dtype=np.float64)).astype(np.float32)
    return deviations


def build_pyramid(
    gray: NDArray[np.float32],
    pixels_per_micrometre: float,
    config: Config,
    device: torch.device,
    masked: Sequence[Rectangle] = (),
) -> Pyramid:
    """The pyramid of a checked gray image (H, W), on `device`; the masked rectangles are filled already."""
    if (longest := max(gray.shape)) > config.crops.largest_side:  # before all else, to save memory
        factor = config.crops.largest_side / longest
        size = [max(1, round(side * factor)) for side in gray.shape]
        gray = F.interpolate(torch.from_numpy(gray)[None, None], size=size, mode="area")[0, 0].numpy()
        pixels_per_micrometre *= factor
        masked = [rectangle.scaled(factor) for rectangle in masked]
    level = torch.from_numpy(standardised(gray))[None, None].to(device)
    levels = [_to_bytes(level)]
    while min(level.shape[-2:]) >= 1.5 * config.crops.size:
        level = F.avg_pool2d(level, 2)
        levels.append(_to_bytes(level))
    return Pyramid(tuple(levels), pixels_per_micrometre, tuple(masked))


def _to_bytes(level: Tensor) -> Tensor:
    return ((level[0, 0] + CLIP) * (255 / (2 * CLIP))).round().clamp(0, 255).to(torch.uint8)


def from_bytes(values: Tensor) -> Tensor:
    """Standard deviations, float32, of a level's stored values."""
    return values.float().mul_(2 * CLIP / 255).sub_(CLIP)
