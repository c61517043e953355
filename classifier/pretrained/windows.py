"""Windows that share one encode_windows of the encoder: the fast mode of the recipe "pretrained".

Every level of a pyramid goes through the encoder once; square windows of its map, on an even lattice at several sizes,
then cost next to nothing. A large level is seen in tiles, so that time and memory stay bounded whatever its size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from classifier.config import Config
from classifier.crops.plan import Plan
from classifier.crops.pyramid import Pyramid
from classifier.pretrained.encoder import CELL, Encoder

SIDES = (1.25, 1.0, 0.83, 0.67)
"""Sides in crop sizes. Larger is better: in a trial with a deeper head, windows of 0.56 crop sizes alone recognised
65 % on grouped folds, of 0.9 to 1.25 crop sizes 70 %."""
FINE_SIDES = (0.5,)
"""Sides for the saliency map."""
MOST_PIXELS = 1_000_000
"""Pixels of one level that are looked at, in tiles where it has more."""

Cells = NDArray[np.int64]


@dataclass(frozen=True)
class Windows:
    """Where n windows lie, their features (n, 1344) and their own log2 scale (n,)."""

    plan: Plan
    features: Tensor
    log2_scale: Tensor

    def some(self, most: int, generator: torch.Generator) -> "Windows":
        """At most so many, chosen at random."""
        if len(self.plan) <= most:
            return self
        chosen = torch.randperm(len(self.plan), generator=generator)[:most]
        return Windows(self.plan.rows(chosen.numpy()), self.features[chosen], self.log2_scale[chosen])


def encode_windows(
    encoder: Encoder, pyramid: Pyramid, config: Config, sets: Sequence[tuple[float, ...]] = (SIDES,)
) -> list[Windows]:
    """All windows of a micrograph, level by level and tile by tile: one `Windows` for each set of sides."""
    places: list[list[NDArray[np.float64]]] = [[] for _ in sets]
    features: list[list[Tensor]] = [[] for _ in sets]
    for level in range(len(pyramid.levels)):
        for top, left, height, width in _tiles(pyramid.levels[level].shape, config):
            gray = pyramid.gray(level)[top : top + height, left : left + width]
            maps = encoder(_padded(gray[None, None]))[0]
            sums = summed(maps)
            for sides, own_places, own_features in zip(sets, places, features, strict=True):
                rows, columns, side = _lattice(maps.shape[1], maps.shape[2], config, sides)
                own_features.append(window_moments(sums, rows, columns, side))
                x, y = (start + CELL * (cells + side / 2) for start, cells in ((left, columns), (top, rows)))
                own_places.append(np.stack((x, y, CELL * side, np.ones(len(side)))) * 2**level)
    return [_windows(pyramid, config, *own) for own in zip(places, features, strict=True)]


def _windows(
    pyramid: Pyramid, config: Config, places: Sequence[NDArray[np.float64]], features: Sequence[Tensor]
) -> Windows:
    """From each tile's places (x, y, side and width of a pixel, all in pixels of level 0) and features."""
    x, y, side, zoom = np.concatenate(places, axis=1)
    nothing = np.zeros(len(x))
    plan = Plan(nothing.astype(np.int64), x, y, side, nothing, nothing.astype(np.bool_))
    own = nothing if config.scale_free else np.log2(pyramid.pixels_per_micrometre / zoom)
    found = torch.cat(list(features))
    return Windows(plan, found, torch.from_numpy(own).float().to(found.device))


def moments(maps: Tensor) -> Tensor:
    """Textures (n, 2 C) of whole maps (n, C, h, w): each channel's mean and standard deviation."""
    return torch.cat((maps.mean((2, 3)), maps.std((2, 3), correction=0)), 1)


def summed(maps: Tensor) -> Tensor:
    """Summed areas (2 C, h + 1, w + 1) of a map (C, h, w) and of its square."""
    return F.pad(torch.cat((maps, maps.square())).double().cumsum(1).cumsum(2), (1, 0, 1, 0))


def window_moments(sums: Tensor, top: Cells, left: Cells, side: Cells) -> Tensor:
    """Textures (n, 2 C) of n square windows, given in cells, of the map that was summed."""
    total = sums[:, top + side, left + side] - sums[:, top, left + side]
    total = total - sums[:, top + side, left] + sums[:, top, left]
    mean, square = (total / torch.from_numpy(side**2).to(sums.device)).T.chunk(2, dim=1)
    return torch.cat((mean, (square - mean.square()).clamp(min=0).sqrt()), 1).float()


def _padded(images: Tensor) -> Tensor:
    """A strip thinner than two cells, such as a panorama that was reduced, with its border repeated."""
    height, width = images.shape[2:]
    return F.pad(images, (0, max(0, 2 * CELL - width), 0, max(0, 2 * CELL - height)), mode="replicate")


def _tiles(shape: torch.Size, config: Config) -> list[tuple[int, int, int, int]]:
    """Top, left, height and width of what is looked at: all of it, or tiles evenly spread."""
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
    """Top, left and side in cells of windows that overlap by half, at every size that fits or, if none, the largest."""
    found = []
    for side in sorted({min(height, width, max(1, round(share * config.crops.size / CELL))) for share in sides}):
        axes = [np.linspace(0, n - side, math.ceil(2 * (n - side) / side) + 1) for n in (height, width)]
        rows, columns = np.meshgrid(*(axis.round().astype(np.int64) for axis in axes), indexing="ij")
        found.append(np.stack((rows.ravel(), columns.ravel(), np.full(rows.size, side))))
    rows, columns, cells = np.concatenate(found, axis=1)
    return rows, columns, cells
