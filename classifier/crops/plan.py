"""Crop plans: which windows to cut from micrographs, with their position, size, rotation and mirroring."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from classifier.arrays import Flags, Floats, Index
from classifier.config import Config
from classifier.crops.pyramid import Pyramid
from classifier.samples import Rectangle

MOST_MASKED = 0.25
"""Share of a window that masked rectangles may cover."""
POINTS = 16
"""Points along each side of a window that are tested for masked rectangles."""
REDRAWS = 20
"""Times that a random window is drawn again if masked rectangles cover too much of it."""


@dataclass(frozen=True)
class Plan:
    """Windows to cut, as arrays of length n.

    `image` indexes the pyramids. `x, y` is the centre and `side` the side, in pixels of level 0 (pixel i spans i to
    i + 1). `angle` is in radians, applied after the mirroring.
    """

    image: Index
    x: Floats
    y: Floats
    side: Floats
    angle: Floats
    mirrored: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.image)

    def part(self, start: int, stop: int) -> "Plan":
        """The windows from `start` up to `stop`."""
        return self.rows(slice(start, stop))

    def rows(self, index: slice | Index) -> "Plan":
        """Some of the windows."""
        return Plan(**{field.name: getattr(self, field.name)[index] for field in fields(self)})

    def with_rows(self, index: Index, others: "Plan") -> "Plan":
        """The same windows, those at `index` replaced by others."""
        columns = {field.name: getattr(self, field.name).copy() for field in fields(self)}
        for name, column in columns.items():
            column[index] = getattr(others, name)
        return Plan(**columns)


def random_plan(pyramids: Sequence[Pyramid], image: Index, config: Config, generator: torch.Generator) -> Plan:
    """One random window inside each of `pyramids[image]`, drawn again where masked rectangles cover too much of it.

    The side is log-uniform from `CropConfig.smallest` crop sizes to the image's shorter side, so that every length
    scale is equally frequent. The angle is uniform, or the nearest quarter turn where the window would otherwise extend
    beyond the image: nothing is padded.
    """
    plan = _random_windows(pyramids, image, config, generator)
    spoiled = np.flatnonzero(_too_masked(pyramids, plan))
    for _ in range(REDRAWS):
        if not len(spoiled):
            break
        drawn = _random_windows(pyramids, image[spoiled], config, generator)
        plan = plan.with_rows(spoiled, drawn)
        spoiled = spoiled[_too_masked(pyramids, drawn)]
    return plan


def _random_windows(pyramids: Sequence[Pyramid], image: Index, config: Config, generator: torch.Generator) -> Plan:
    u = torch.rand((5, len(image)), generator=generator, dtype=torch.float64).numpy()
    shapes = np.array([pyramid.shape for pyramid in pyramids], dtype=np.float64)[image]
    height, width = shapes[:, 0], shapes[:, 1]
    largest = np.minimum(height, width)
    smallest = np.minimum(config.crops.smallest * config.crops.size, largest)
    side = smallest * (largest / smallest) ** u[0]
    angle = 2 * np.pi * u[1]
    too_wide = bounding_side(side, angle) > largest
    angle = np.where(too_wide, np.round(angle / (np.pi / 2)) * (np.pi / 2), angle)
    half = np.minimum(bounding_side(side, angle), largest) / 2
    x = half + u[2] * (width - 2 * half)
    y = half + u[3] * (height - 2 * half)
    return Plan(image, x, y, side, angle, u[4] < 0.5)


def part_of_each(plan: Plan, share: float, generator: torch.Generator) -> Plan:
    """A random square part of every window, with `share` of its side and the same angle."""
    u = torch.rand((2, len(plan)), generator=generator, dtype=torch.float64).numpy()
    across, down = (u - 0.5) * (1 - share) * plan.side
    x = plan.x + across * np.cos(plan.angle) - down * np.sin(plan.angle)
    y = plan.y + across * np.sin(plan.angle) + down * np.cos(plan.angle)
    return replace(plan, x=x, y=y, side=plan.side * share)


def bounding_side(side: Floats, angle: Floats) -> Floats:
    """Side of the bounding box of a square of `side` turned by `angle`."""
    bounding: Floats = side * (np.abs(np.cos(angle)) + np.abs(np.sin(angle)))
    return bounding


def masked_share(plan: Plan, masked: Sequence[Rectangle]) -> Floats:
    """The share of each window that masked rectangles cover, (n,), from evenly spaced points."""
    steps = (np.arange(POINTS) + 0.5) / POINTS - 0.5
    across, down = (plan.side[:, None] * axis.ravel() for axis in np.meshgrid(steps, steps))
    cosine, sine = np.cos(plan.angle)[:, None], np.sin(plan.angle)[:, None]
    x = plan.x[:, None] + across * cosine - down * sine
    y = plan.y[:, None] + across * sine + down * cosine
    inside = np.zeros(x.shape, np.bool_)
    for one in masked:
        inside |= (x >= one.x) & (x < one.x + one.width) & (y >= one.y) & (y < one.y + one.height)
    share: Floats = inside.mean(1)
    return share


def least_masked(plan: Plan, masked: Sequence[Rectangle]) -> Index:
    """The windows that masked rectangles cover little; if there are none, those that they cover least."""
    share = masked_share(plan, masked)
    return np.flatnonzero(share <= max(MOST_MASKED, share.min()))


def _too_masked(pyramids: Sequence[Pyramid], plan: Plan) -> Flags:
    spoiled = np.zeros(len(plan), np.bool_)
    for index in np.unique(plan.image):
        if masked := pyramids[index].masked:
            rows = np.flatnonzero(plan.image == index)
            spoiled[rows] = masked_share(plan.rows(rows), masked) > MOST_MASKED
    return spoiled


def log2_scale(pyramids: Sequence[Pyramid], plan: Plan, config: Config) -> Tensor:
    """log2 of the crops' pixels per micrometre after resampling, (n,) float32; 0 if scale-free."""
    if config.scale_free:
        return torch.zeros(len(plan))
    scales = np.array([pyramids[index].pixels_per_micrometre for index in plan.image]) * config.crops.size / plan.side
    return torch.from_numpy(np.log2(scales)).float()


def lattice_plan(pyramid: Pyramid, config: Config) -> Plan:
    """Upright windows that cover the image evenly and overlap by half, about a hundred for any size.

    For the saliency map: random windows seldom reach the corners. Those that are masked too much are left out.
    """
    height, width = pyramid.shape
    shorter = min(height, width)
    side = min(float(shorter), max(config.crops.smallest * config.crops.size, shorter / 4))
    columns, rows = (max(1, math.ceil(2 * (length - side) / side) + 1) for length in (width, height))
    x = np.linspace(side / 2, width - side / 2, columns) if columns > 1 else np.array([width / 2])
    y = np.linspace(side / 2, height - side / 2, rows) if rows > 1 else np.array([height / 2])
    grid_x, grid_y = (axis.ravel() for axis in np.meshgrid(x, y))
    count = len(grid_x)
    plan = Plan(
        np.zeros(count, np.int64), grid_x, grid_y, np.full(count, side), np.zeros(count), np.zeros(count, np.bool_)
    )
    return plan.rows(least_masked(plan, pyramid.masked)) if pyramid.masked else plan
