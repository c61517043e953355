"""The only place where pixels become network input, in training and in scoring.

An image becomes a `Pyramid`: standardised gray values at full, half, quarter ... resolution. A `Plan` says which square
windows to cut, at which size, angle and mirroring. `cut` resamples them all to one size in one grid_sample call, from
the level whose pixels are nearest to the wanted ones (bilinear over at most 1.4 pixels: no aliasing worth the name).

Random numbers are drawn on the CPU, so that the same seed plans the same crops on every device.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from classifier.config import Config

CLIP = 4.0
"""Standard deviations kept on either side of the mean gray value; a pyramid stores them in 8 bits."""
MARGIN = 8
"""Pixels read around a window, for bilinear interpolation and warping."""
CUT_AT_ONCE = 8
"""Crops resampled at once on a processor: 8 at once stay in its cache and took 0.5 ms each, 60 at once 1.2 ms."""


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
    if (longest := max(gray.shape)) > config.largest_side:  # first, so that a panorama is not copied at full size
        factor = config.largest_side / longest
        size = [max(1, round(side * factor)) for side in gray.shape]
        gray = F.interpolate(torch.from_numpy(gray)[None, None], size=size, mode="area")[0, 0].numpy()
        pixels_per_micrometre *= factor
    level = torch.from_numpy(standardised(gray))[None, None].to(device)
    levels = [_to_bytes(level)]
    while min(level.shape[-2:]) >= 1.5 * config.crop_size:
        level = F.avg_pool2d(level, 2)
        levels.append(_to_bytes(level))
    return Pyramid(tuple(levels), pixels_per_micrometre)


def _to_bytes(level: Tensor) -> Tensor:
    return ((level[0, 0] + CLIP) * (255 / (2 * CLIP))).round().clamp(0, 255).to(torch.uint8)


def _from_bytes(values: Tensor) -> Tensor:
    return values.float().mul_(2 * CLIP / 255).sub_(CLIP)


@dataclass(frozen=True)
class Plan:
    """Windows to cut, all arrays of length n. `image` indexes the pyramids; `x, y` is the centre and `side` the side in
    pixels of level 0 (pixel i spans i to i + 1); `angle` is in radians, applied after the mirroring."""

    image: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    side: NDArray[np.float64]
    angle: NDArray[np.float64]
    mirrored: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.image)

    def part(self, start: int, stop: int) -> "Plan":
        """The windows from `start` up to `stop`."""
        return self.rows(slice(start, stop))

    def rows(self, index: slice | NDArray[np.int64]) -> "Plan":
        """Some of the windows."""
        return Plan(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


def random_plan(
    pyramids: Sequence[Pyramid], image: NDArray[np.int64], config: Config, generator: torch.Generator
) -> Plan:
    """One random window in each of `pyramids[image]`, wholly inside it.

    The side is log-uniform from `smallest_crop` crop sizes to the image's shorter side, so that every length scale is
    seen as often. The angle is uniform; where a window so turned would stick out, the next quarter turn is taken
    instead, since no invented pixel is ever shown.
    """
    u = torch.rand((5, len(image)), generator=generator, dtype=torch.float64).numpy()
    shapes = np.array([pyramid.shape for pyramid in pyramids], dtype=np.float64)[image]
    height, width = shapes[:, 0], shapes[:, 1]
    largest = np.minimum(height, width)
    smallest = np.minimum(config.smallest_crop * config.crop_size, largest)
    side = smallest * (largest / smallest) ** u[0]
    angle = 2 * np.pi * u[1]
    too_wide = bounding_side(side, angle) > largest
    angle = np.where(too_wide, np.round(angle / (np.pi / 2)) * (np.pi / 2), angle)
    half = np.minimum(bounding_side(side, angle), largest) / 2
    x = half + u[2] * (width - 2 * half)
    y = half + u[3] * (height - 2 * half)
    return Plan(image, x, y, side, angle, u[4] < 0.5)


def part_of_each(plan: Plan, share: float, generator: torch.Generator) -> Plan:
    """A random square part of every window, `share` of its side, at the same angle."""
    u = torch.rand((2, len(plan)), generator=generator, dtype=torch.float64).numpy()
    across, down = (u - 0.5) * (1 - share) * plan.side
    x = plan.x + across * np.cos(plan.angle) - down * np.sin(plan.angle)
    y = plan.y + across * np.sin(plan.angle) + down * np.cos(plan.angle)
    return replace(plan, x=x, y=y, side=plan.side * share)


def bounding_side(side: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Side of the upright square that just holds a square of `side` turned by `angle`."""
    return side * (np.abs(np.cos(angle)) + np.abs(np.sin(angle)))


def log2_scale(pyramids: Sequence[Pyramid], plan: Plan, config: Config) -> Tensor:
    """The crops' own scale, log2 of pixels per micrometre after resampling, (n,) float32; 0 where scale-free."""
    if config.scale_free:
        return torch.zeros(len(plan))
    own = np.array([pyramids[index].pixels_per_micrometre for index in plan.image]) * config.crop_size / plan.side
    return torch.from_numpy(np.log2(own)).float()


def cut(pyramids: Sequence[Pyramid], plan: Plan, size: int, warp: Tensor | None = None) -> Tensor:
    """The windows of the plan as (n, 1, size, size) float32 on the pyramids' device.

    `warp` is an optional displacement (n, size, size, 2) in crop sides.
    """
    at_once = CUT_AT_ONCE if pyramids[0].levels[0].device.type == "cpu" else len(plan)
    parts = []
    for start in range(0, len(plan), at_once):
        stop = start + at_once
        parts.append(_cut(pyramids, plan.part(start, stop), size, None if warp is None else warp[start:stop]))
    return torch.cat(parts)


def _cut(pyramids: Sequence[Pyramid], plan: Plan, size: int, warp: Tensor | None) -> Tensor:
    count, window = len(plan), 2 * size + 2 * MARGIN
    device = pyramids[0].levels[0].device
    buffer = torch.zeros((count, 1, window, window), dtype=torch.uint8, device=device)
    # Per crop: centre x, y in its window; step along the crop's own x axis; extent of what was copied
    places = np.zeros((count, 5), np.float32)
    for row in range(count):
        pyramid = pyramids[plan.image[row]]
        wanted = round(math.log2(max(1.0, plan.side[row] / size)))
        level = min(wanted, len(pyramid.levels) - 1)
        source = pyramid.levels[level]
        height, width = source.shape
        # A level of odd size drops its last row: its pixels are still exactly 2^level wide
        x, y = plan.x[row] / 2**level, plan.y[row] / 2**level
        left = int(min(max(0, math.floor(x) - window // 2), max(0, width - window)))
        top = int(min(max(0, math.floor(y) - window // 2), max(0, height - window)))
        piece = source[top : top + window, left : left + window]
        buffer[row, 0, : piece.shape[0], : piece.shape[1]] = piece
        places[row] = x - left, y - top, plan.side[row] / 2**level, piece.shape[1], piece.shape[0]
    grid = _grid(torch.from_numpy(places).to(device), plan, size, warp)
    values = _from_bytes(buffer)
    grid = grid * (2 / window) - 1
    return F.grid_sample(values, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _grid(places: Tensor, plan: Plan, size: int, warp: Tensor | None) -> Tensor:
    """Where each crop pixel lies in its window, (n, size, size, 2) in pixels, kept inside what was copied."""
    device = places.device
    x, y, side, width, height = (column[:, None, None] for column in places.unbind(1))
    angle = torch.from_numpy(plan.angle).float().to(device)[:, None, None]
    flip = torch.from_numpy(1.0 - 2.0 * plan.mirrored).float().to(device)[:, None, None]
    steps = (torch.arange(size, device=device) + 0.5) / size - 0.5
    v, u = torch.meshgrid(steps, steps, indexing="ij")
    u, v = u.expand(len(plan), size, size), v.expand(len(plan), size, size)
    if warp is not None:
        u, v = u + warp[..., 0].to(device), v + warp[..., 1].to(device)
    u = u * flip
    across = x + side * (u * angle.cos() - v * angle.sin())
    down = y + side * (u * angle.sin() + v * angle.cos())
    across = torch.minimum(across.clamp(min=0.5), width - 0.5)
    down = torch.minimum(down.clamp(min=0.5), height - 0.5)
    return torch.stack((across, down), dim=-1)


def lattice_plan(pyramid: Pyramid, config: Config) -> Plan:
    """Upright windows that cover the image evenly, overlapping by half: about a hundred whatever its size.

    Random windows seldom reach the corners; a saliency map needs every place seen.
    """
    height, width = pyramid.shape
    shorter = min(height, width)
    side = min(float(shorter), max(config.smallest_crop * config.crop_size, shorter / 4))
    columns, rows = (max(1, math.ceil(2 * (length - side) / side) + 1) for length in (width, height))
    x = np.linspace(side / 2, width - side / 2, columns) if columns > 1 else np.array([width / 2])
    y = np.linspace(side / 2, height - side / 2, rows) if rows > 1 else np.array([height / 2])
    grid_x, grid_y = (axis.ravel() for axis in np.meshgrid(x, y))
    count = len(grid_x)
    return Plan(
        np.zeros(count, np.int64), grid_x, grid_y, np.full(count, side), np.zeros(count), np.zeros(count, np.bool_)
    )
