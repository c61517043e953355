"""Whether those who say 80 % are right in 80 % of the cases."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microdb.statistics.intervals import Interval, wilson_interval

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class ReliabilityBin:
    """Answers given with about the same confidence; all values from 0 to 1 but the count.

    ``interval`` is Wilson's, as if the answers were independent; those of one reader are not quite.
    """

    confidence: float
    right: float
    interval: Interval
    count: int


def reliability(confidence: Shares, right: Shares, bins: int = 10) -> list[ReliabilityBin]:
    """The reliability diagram: answers in bins of equal width by confidence, empty bins left out."""
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    diagram = []
    for place in range(bins):
        inside = places == place
        count, good = int(inside.sum()), int(right[inside].sum())
        if count:
            mean = float(confidence[inside].mean())
            diagram.append(ReliabilityBin(mean, good / count, wilson_interval(good, count), count))
    return diagram


def brier_score(confidence: Shares, right: Shares) -> float:
    """The mean square of confidence minus right (G. W. Brier, Mon. Weather Rev. 78, 1950): 0 is best, always saying
    one half gives 0.25.
    """
    return float(np.mean((confidence - right) ** 2))


def calibration_error(diagram: list[ReliabilityBin]) -> float:
    """The expected calibration error: by how much confidence and share of right answers differ, weighted by count."""
    total = sum(one.count for one in diagram)
    return sum(one.count * abs(one.confidence - one.right) for one in diagram) / total
