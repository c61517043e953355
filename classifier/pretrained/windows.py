"""Windows that share one pass of the encoder: the fast mode of the recipe "pretrained".

Every level of a pyramid goes through the encoder once. Square windows of its map, on an even lattice in several sizes,
then cost almost nothing. Large levels are encoded in tiles, which bounds time and memory whatever their size.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

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
MAP_SIDE = 0.5
"""Side of the window around each cell of a saliency map, in crop sizes."""
MOST_AROUND_CELLS = 1500
"""Cells of a saliency map that have windows of their own; a larger map takes every second cell, and so on."""
MOST_PIXELS = 1_000_000
"""Pixels of one level that are encoded, at most; in tiles if it has more."""
TILES_AT_ONCE = {"cpu": 1, "cuda": 8}
"""Tiles through the encoder at once; a processor gains nothing from more."""


Part: TypeAlias = tuple[NDArray[np.float64], Tensor]
"""Of the n windows of a tile: x, y, side and width of a pixel, all in pixels of level 0 (4, n), and features
(n, 1344)."""


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


@dataclass(frozen=True)
class Tile:
    """A part of a level of one of several micrographs."""

    owner: int
    level: int
    top: int
    left: int
    height: int
    width: int

    def gray(self, pyramids: Sequence[Pyramid]) -> Tensor:
        """Its gray values (1, H, W)."""
        whole = pyramids[self.owner].gray(self.level)
        return whole[None, self.top : self.top + self.height, self.left : self.left + self.width]


def encode_windows(encoder: Encoder, pyramid: Pyramid, config: Config, *, around_cells: bool = False) -> list[Windows]:
    """The windows of a micrograph in one pass of the encoder: those of all `SIDES`, and if `around_cells`, others
    of one size around the cells of a saliency map.

    Windows that masked rectangles cover too much are left out.
    """
    (windows,) = encode_together(encoder, [pyramid], config, around_cells=around_cells)
    return windows


def encode_together(
    encoder: Encoder, pyramids: Sequence[Pyramid], config: Config, *, around_cells: bool = False
) -> list[list[Windows]]:
    """`encode_windows` of several micrographs; tiles of one size go through the encoder of a graphics card together."""
    map_levels = [_map_level(pyramid) if around_cells else None for pyramid in pyramids]
    tiles = [
        Tile(owner, level, *place)
        for owner, pyramid in enumerate(pyramids)
        for level in range(len(pyramid.levels))
        for place in _tiles(pyramid.levels[level].shape, config)
    ]
    parts: dict[Tile, Part] = {}
    cells: dict[Tile, Part] = {}
    for group in _groups(tiles, TILES_AT_ONCE.get(pyramids[0].levels[0].device.type, 1)):
        for tile, maps in zip(group, _encoded(encoder, group, pyramids), strict=True):
            sums = summed_areas(maps)
            parts[tile] = _part(tile, sums, _lattice(maps.shape[1], maps.shape[2], config))
            if tile.level == map_levels[tile.owner]:
                cells[tile] = _part(tile, sums, _around_cells(maps.shape[1], maps.shape[2], config))
    own = [[tile for tile in tiles if tile.owner == owner] for owner in range(len(pyramids))]
    return [
        [
            _windows(pyramid, config, [found[tile] for tile in its_tiles if tile in found])
            for found in ([parts, cells] if around_cells else [parts])
        ]
        for pyramid, its_tiles in zip(pyramids, own, strict=True)
    ]


def _map_level(pyramid: Pyramid) -> int:
    """The finest level that is encoded whole, or else the coarsest."""
    whole = (level for level, gray in enumerate(pyramid.levels) if gray.numel() <= MOST_PIXELS)
    return next(whole, len(pyramid.levels) - 1)


def _groups(tiles: Sequence[Tile], most: int) -> Iterator[list[Tile]]:
    """Tiles of equal size in groups of at most `most`."""
    by_size: dict[tuple[int, int], list[Tile]] = {}
    for tile in tiles:
        by_size.setdefault((tile.height, tile.width), []).append(tile)
    for alike in by_size.values():
        for start in range(0, len(alike), most):
            yield alike[start : start + most]


def _encoded(encoder: Encoder, group: Sequence[Tile], pyramids: Sequence[Pyramid]) -> Tensor:
    """The maps (n, c, h, w) of n tiles of one size.

    On a graphics card a group is always filled up with zeros to the same number of tiles: then the numbers of a
    micrograph do not depend on which others are scored with it.
    """
    images = torch.stack([tile.gray(pyramids) for tile in group])
    missing = TILES_AT_ONCE.get(images.device.type, 1) - len(group)
    maps: Tensor = encoder(_padded(F.pad(images, (0, 0, 0, 0, 0, 0, 0, missing))))
    return maps[: len(group)]


def _part(tile: Tile, sums: Tensor, lattice: tuple[Cells, Cells, Cells]) -> Part:
    """The windows of one tile, given the top, left and side of each in cells."""
    rows, columns, side = lattice
    x, y = (start + CELL * (cells + side / 2) for start, cells in ((tile.left, columns), (tile.top, rows)))
    positions = np.stack((x, y, CELL * side, np.ones(len(side)))) * 2**tile.level
    return positions, window_moments(sums, rows, columns, side)


def _windows(pyramid: Pyramid, config: Config, parts: Sequence[Part]) -> Windows:
    positions, features = zip(*parts, strict=True)
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


def _lattice(height: int, width: int, config: Config) -> tuple[Cells, Cells, Cells]:
    """Top, left and side in cells of windows that overlap by half, in each size that fits or, if none, the largest."""
    lattices = []
    for side in sorted({min(height, width, max(1, round(share * config.crops.size / CELL))) for share in SIDES}):
        axes = [np.linspace(0, n - side, math.ceil(2 * (n - side) / side) + 1) for n in (height, width)]
        rows, columns = np.meshgrid(*(axis.round().astype(np.int64) for axis in axes), indexing="ij")
        lattices.append(np.stack((rows.ravel(), columns.ravel(), np.full(rows.size, side))))
    rows, columns, cells = np.concatenate(lattices, axis=1)
    return rows, columns, cells


def _around_cells(height: int, width: int, config: Config) -> tuple[Cells, Cells, Cells]:
    """Top, left and side in cells of the windows around evenly spaced cells; an odd side, so that each has a centre."""
    most = min(height, width)
    side = min(round(MAP_SIDE * config.crops.size / CELL) | 1, most - 1 + most % 2)
    step = math.ceil(math.sqrt(height * width / MOST_AROUND_CELLS))
    rows, columns = np.meshgrid(*(np.arange(0, n - side + 1, step) for n in (height, width)), indexing="ij")
    return rows.ravel(), columns.ravel(), np.full(rows.size, side)
