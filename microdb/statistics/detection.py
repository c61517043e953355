"""Recognition of one kind among others: sensitivity, specificity and the ROC curve."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from microdb.statistics.intervals import BISECTIONS, Interval


@dataclass(frozen=True)
class Roc:
    """``points``: (share of the others called so, share of the kind found), from (0, 0) to (1, 1)."""

    area: float
    interval: Interval
    points: list[tuple[float, float]]


def roc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> Roc | None:
    """The empirical curve of scores that are higher for the kind; None without the kind or without others."""
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not positives or not negatives:
        return None
    points = [(0.0, 0.0)]
    for limit in np.unique(scores)[::-1]:
        called = scores >= limit
        points.append((float((called & ~positive).sum() / negatives), float((called & positive).sum() / positives)))
    gaps = scores[positive][:, None] - scores[~positive][None, :]
    area = float(np.mean((gaps > 0) + 0.5 * (gaps == 0)))
    return Roc(area, area_interval(area, positives, negatives), points)


def area_interval(area: float, positives: int, negatives: int, confidence: float = 0.95) -> Interval:
    """Newcombe's score-like interval of an area under a ROC curve, also for 0 and 1 (method 5 of R. G. Newcombe, Stat.
    Med. 25, 559, 2006), with the variance of J. A. Hanley and B. J. McNeil (Radiology 143, 1982).
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    extra = (positives + negatives) / 2 - 1

    def outside(true: float) -> bool:
        spread = 1 + extra * ((1 - true) / (2 - true) + true / (1 + true))
        return abs(area - true) > z * sqrt(true * (1 - true) * spread / (positives * negatives))

    return Interval(_edge(outside, 0.0, area), _edge(outside, 1.0, area))


def _edge(outside: Callable[[float], bool], far: float, near: float) -> float:
    """Where, from ``far`` to ``near``, values stop being outside; ``far`` itself where it is not outside."""
    if not outside(far):
        return far
    for _ in range(BISECTIONS):
        middle = (far + near) / 2
        if outside(middle):
            far = middle
        else:
            near = middle
    return near
