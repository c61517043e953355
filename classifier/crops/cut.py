"""Resamples the windows of a plan to the network's input size."""

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from classifier.crops.plan import Plan
from classifier.crops.pyramid import Pyramid, from_bytes

MARGIN = 8
"""Pixels copied around a window, for bilinear interpolation and warping."""
CUT_AT_ONCE = 8
"""Crops resampled together on a processor: 8 fit into its cache and took 0.5 ms each; 60 together took 1.2 ms each."""


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
    # Per crop, in the buffer: centre x, y; side; width and height of the part that was copied
    geometry = np.zeros((count, 5), np.float32)
    for row in range(count):
        pyramid = pyramids[plan.image[row]]
        nearest = round(math.log2(max(1.0, plan.side[row] / size)))
        level = min(nearest, len(pyramid.levels) - 1)
        source = pyramid.levels[level]
        height, width = source.shape
        # Pooling drops the last row of a level of odd size, so pixels are exactly 2^level wide
        x, y = plan.x[row] / 2**level, plan.y[row] / 2**level
        left = int(min(max(0, math.floor(x) - window // 2), max(0, width - window)))
        top = int(min(max(0, math.floor(y) - window // 2), max(0, height - window)))
        piece = source[top : top + window, left : left + window]
        buffer[row, 0, : piece.shape[0], : piece.shape[1]] = piece
        geometry[row] = x - left, y - top, plan.side[row] / 2**level, piece.shape[1], piece.shape[0]
    grid = _grid(torch.from_numpy(geometry).to(device), plan, size, warp)
    values = from_bytes(buffer)
    grid = grid * (2 / window) - 1
    return F.grid_sample(values, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _grid(geometry: Tensor, plan: Plan, size: int, warp: Tensor | None) -> Tensor:
    """The sampling grid (n, size, size, 2) in pixels of the buffer, clamped to the part that was copied."""
    device = geometry.device
    x, y, side, width, height = (column[:, None, None] for column in geometry.unbind(1))
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
