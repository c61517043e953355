"""Features of the encoder's maps: each channel's mean and standard deviation over a window."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Cells = NDArray[np.int64]
"""Positions or lengths in cells of a map, (n,)."""


def moments(maps: Tensor) -> Tensor:
    """Features (n, 2 C) of whole maps (n, C, h, w)."""
    return torch.cat((maps.mean((2, 3)), maps.std((2, 3), correction=0)), 1)


def summed_areas(maps: Tensor) -> Tensor:
    """Summed areas (2 C, h + 1, w + 1) of a map (C, h, w) and of its square."""
    return F.pad(torch.cat((maps, maps.square())).double().cumsum(1).cumsum(2), (1, 0, 1, 0))


def window_moments(sums: Tensor, top: Cells, left: Cells, side: Cells) -> Tensor:
    """Features (n, 2 C) of n square windows of the map with these summed areas."""
    total = sums[:, top + side, left + side] - sums[:, top, left + side]
    total = total - sums[:, top + side, left] + sums[:, top, left]
    mean, square = (total / torch.from_numpy(side**2).to(sums.device)).T.chunk(2, dim=1)
    return torch.cat((mean, (square - mean.square()).clamp(min=0).sqrt()), 1).float()
