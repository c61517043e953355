"""The saliency map: the class of each part of a micrograph (the paper's Fig. 4).

Where one size of window lies around each cell, a cell has the answer for its window. Elsewhere a cell's distribution is
the average over the crops that cover it, each weighted by the inverse of its area: a small crop is more specific about
its pixels than one of the whole micrograph.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.arrays import Floats
from classifier.crops.plan import Plan
from classifier.crops.pyramid import Pyramid
from classifier.samples import Rectangle
from classifier.scoring.averaging import Average

LONGER_SIDE = 160
"""Cells along the longer side of a map, at most."""
CHUNK = 128
"""Crops added to the map at a time, to bound the memory."""


@dataclass(frozen=True)
class SaliencyMap:
    """Probabilities `cells` (h, w, k + 1), float32, of even cells of a micrograph; all 0 in masked rectangles.

    `window` is the side of the window that each cell stands for, as a share of the micrograph's longer side; None where
    crops of many sizes were averaged.
    """

    cells: NDArray[np.float32]
    window: float | None = None


def window_map(windows: Average, pyramid: Pyramid) -> SaliencyMap:
    """The map from windows of one size on an even lattice: each cell has the answer for the window around it.

    Cells near a border or a masked rectangle, which have no such window, take that of the nearest cell that has one.
    """
    (plan,) = windows.plans
    spacing = min(_spacing(plan.x), _spacing(plan.y), float(plan.side[0]))
    cell = max(spacing, max(pyramid.shape) / LONGER_SIDE)
    height, width = (max(1, round(side / cell)) for side in pyramid.shape)
    rows = np.minimum(plan.y // cell, height - 1).astype(np.int64)
    columns = np.minimum(plan.x // cell, width - 1).astype(np.int64)
    down, across = np.indices((height, width)).reshape(2, -1, 1)
    nearest = ((down - rows) ** 2 + (across - columns) ** 2).argmin(1)
    cells = windows.probabilities[nearest].reshape(height, width, -1)
    return SaliencyMap(
        _without(pyramid.masked, cells, pyramid.shape).astype(np.float32), float(plan.side[0]) / max(pyramid.shape)
    )


def _spacing(places: Floats) -> float:
    """The distance between neighbours; infinite if all are in one place."""
    return float(np.diff(np.unique(places)).min(initial=math.inf))


def average_saliency(average: Average, pyramid: Pyramid) -> SaliencyMap | None:
    """The map from the average's crops and its lattice, which reaches the corners; None without a lattice."""
    if average.lattice is None:
        return None
    plans = [*average.lattice.plans, *average.plans]
    probabilities = np.concatenate((average.lattice.probabilities, average.probabilities))
    ends = np.cumsum([len(plan) for plan in plans])
    return SaliencyMap(saliency_map(pyramid.shape, plans, np.split(probabilities, ends[:-1]), pyramid.masked))


def saliency_map(
    shape: tuple[int, int], plans: Sequence[Plan], probabilities: Sequence[Floats], masked: Sequence[Rectangle] = ()
) -> NDArray[np.float32]:
    """The map (h, w, k + 1) of an image of `shape` pixels; the longer of h and w is at most 160.

    Each plan comes with its crops' probabilities (n, k + 1). Cells that no crop covers belong to none of these, or
    to no outcome if there are masked rectangles: then all their planes are 0, as in the rectangles themselves.
    """
    cell = max(1.0, max(shape) / LONGER_SIDE)
    height, width = (max(1, math.floor(side / cell)) for side in shape)
    x, y = _centres(width, shape[1]), _centres(height, shape[0])
    outcomes = probabilities[0].shape[1]
    total, weight = np.zeros((height * width, outcomes)), np.zeros(height * width)
    for plan, values in zip(plans, probabilities, strict=True):
        for start in range(0, len(plan), CHUNK):
            part = plan.part(start, start + CHUNK)
            cover = _cover(part, x, y) / part.side[:, None] ** 2
            total += cover.T @ values[start : start + CHUNK]
            weight += cover.sum(0)
    covered = weight > 0
    total[covered] /= weight[covered, None]
    total[~covered, -1] = 0.0 if masked else 1.0
    return _without(masked, total.reshape(height, width, outcomes), shape).astype(np.float32)


def _centres(count: int, length: int) -> Floats:
    """The middles of `count` even cells along so many pixels."""
    return (np.arange(count) + 0.5) * length / count


def _without(masked: Sequence[Rectangle], cells: Floats, shape: tuple[int, int]) -> Floats:
    """The cells, those in masked rectangles emptied."""
    height, width = cells.shape[:2]
    x, y = _centres(width, shape[1]), _centres(height, shape[0])
    for one in masked:
        inside_x, inside_y = (x >= one.x) & (x < one.x + one.width), (y >= one.y) & (y < one.y + one.height)
        cells[np.ix_(inside_y, inside_x)] = 0.0
    return cells


def _cover(plan: Plan, x: Floats, y: Floats) -> Floats:
    """1 where a window covers a cell's centre, (n, h * w)."""
    across = x[None, None, :] - plan.x[:, None, None]
    down = y[None, :, None] - plan.y[:, None, None]
    cosine, sine = np.cos(plan.angle)[:, None, None], np.sin(plan.angle)[:, None, None]
    half = plan.side[:, None, None] / 2
    inside = (np.abs(across * cosine + down * sine) <= half) & (np.abs(down * cosine - across * sine) <= half)
    return inside.reshape(len(plan), -1).astype(np.float64)
