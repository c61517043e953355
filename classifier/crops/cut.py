"""Resampling windows to the network's input size."""

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from classifier.crops.plan import Plan
from classifier.crops.pyramid import Pyramid, _from_bytes

MARGIN = 8
"""Pixels read around a window, for bilinear interpolation and warping."""


CUT_AT_ONCE = 8
"""Crops resampled at once on a processor: 8 at once stay in its cache and took 0.5 ms each, 60 at once 1.2 ms."""


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
