"""Windows that share one pass of the encoder: the fast mode of the recipe "pretrained".

Every level of a pyramid goes through the encoder once. Square windows of its map, on an even lattice in several sizes,
then cost almost nothing. Large levels are encoded in tiles, which bounds time and memory whatever their size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from classifier.arrays import Index
from classifier.config import Config
from classifier.crops.plan import Plan, least_masked
from classifier.crops.pyramid import Pyramid
from classifier.pretrained.encoder import CELL, Encoder
from classifier.pretrained.features import Cells, summed_areas, window_moments

SIDES = (1.25, 1.0, 0.83, 0.67)
"""Sides of the windows in crop sizes. Larger windows recognised more."""
FINE_SIDES = (0.5,)
"""Sides for the saliency map."""
MOST_PIXELS = 1_000_000
"""Pixels of one level that are encoded, at most; in tiles if it has more."""


@dataclass(frozen=True)
class Windows:
    """The positions of n windows, their features (n, 1344) and log2 scales (n,)."""

    plan: Plan
    features: Tensor
    log2_scale: Tensor

    def sample(self, most: int, generator: torch.Generator) -> "Windows":
        """At most `most` of them, chosen at random and in random order."""
        return self.rows(torch.randperm(len(self.plan), generator=generator)[:most].numpy())

    def rows(self, index: Index) -> "Windows":
        """Some of them, in this order."""
        return Windows(self.plan.rows(index), self.features[index], self.log2_scale[index])


def encode_windows(
    encoder: Encoder, pyramid: Pyramid, config: Config, sets: Sequence[tuple[float, ...]] = (SIDES,)
) -> list[Windows]:
    """All windows of a micrograph in one pass of the encoder: one `Windows` for each set of sides.

    Windows that masked rectangles cover too much are left out.
    """
    positions: list[list[NDArray[np.float64]]] = [[] for _ in sets]
    features: list[list[Tensor]] = [[] for _ in sets]
    for level in range(len(pyramid.levels)):
        for top, left, height, width in _tiles(pyramid.levels[level].shape, config):
            gray = pyramid.gray(level)[top : top + height, left : left + width]
            maps = encoder(_padded(gray[None, None]))[0]
            sums = summed_areas(maps)
            for sides, own_positions, own_features in zip(sets, positions, features, strict=True):
                rows, columns, side = _lattice(maps.shape[1], maps.shape[2], config, sides)
                own_features.append(window_moments(sums, rows, columns, side))
                x, y = (start + CELL * (cells + side / 2) for start, cells in ((left, columns), (top, rows)))
                own_positions.append(np.stack((x, y, CELL * side, np.ones(len(side)))) * 2**level)
    return [_windows(pyramid, config, *own) for own in zip(positions, features, strict=True)]


def _windows(
    pyramid: Pyramid, config: Config, positions: Sequence[NDArray[np.float64]], features: Sequence[Tensor]
) -> Windows:
    """From each tile's positions (x, y, side and width of a pixel, all in pixels of level 0) and features."""
    x, y, side, zoom = np.concatenate(positions, axis=1)
    zeros = np.zeros(len(x))
    plan = Plan(zeros.astype(np.int64), x, y, side, zeros, zeros.astype(np.bool_))
    log2_scale = zeros if config.scale_free else np.log2(pyramid.pixels_per_micrometre / zoom)
    joined = torch.cat(list(features))
    windows = Windows(plan, joined, torch.from_numpy(log2_scale).float().to(joined.device))
    return windows.rows(least_masked(plan, pyramid.masked)) if pyramid.masked else windows


def _padded(images: Tensor) -> Tensor:
    """A strip thinner than two cells, such as a reduced panorama, with its border repeated."""
    height, width = images.shape[2:]
    return F.pad(images, (0, max(0, 2 * CELL - width), 0, max(0, 2 * CELL - height)), mode="replicate")


def _tiles(shape: torch.Size, config: Config) -> list[tuple[int, int, int, int]]:
    """Top, left, height and width of the parts to encode: the whole level, or evenly spread tiles."""
    height, width = shape
    if height * width <= MOST_PIXELS:
        return [(0, 0, height, width)]
    side = round(max(SIDES) * config.crops.size)
    high, wide = min(side, height), min(side, width)
    count = max(1, MOST_PIXELS // (high * wide))
    rows = min(max(1, round(math.sqrt(count * height / width))), height // high)
    columns = min(max(1, count // rows), width // wide)
    tops, lefts = (np.linspace(0, *end).round().astype(int) for end in ((height - high, rows), (width - wide, columns)))
    return [(int(top), int(left), high, wide) for top in tops for left in lefts]


def _lattice(height: int, width: int, config: Config, sides: tuple[float, ...]) -> tuple[Cells, Cells, Cells]:
    """Top, left and side in cells of windows that overlap by half, in each size that fits or, if none, the largest."""
    lattices = []
    for side in sorted({min(height, width, max(1, round(share * config.crops.size / CELL))) for share in sides}):
        axes = [np.linspace(0, n - side, math.ceil(2 * (n - side) / side) + 1) for n in (height, width)]
        rows, columns = np.meshgrid(*(axis.round().astype(np.int64) for axis in axes), indexing="ij")
        lattices.append(np.stack((rows.ravel(), columns.ravel(), np.full(rows.size, side))))
    rows, columns, cells = np.concatenate(lattices, axis=1)
    return rows, columns, cells
