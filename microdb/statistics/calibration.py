"""Calibration: whether answers given with 80 % confidence are right in 80 % of the cases."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microdb.statistics.intervals import Interval, wilson_interval

Shares = NDArray[np.float64]
BINS = 10
"""Bins of equal width on [0, 1], the same for quizzes and for model versions."""


@dataclass(frozen=True)
class ReliabilityBin:
    """Answers of similar confidence; all values are from 0 to 1 but the count.

    ``interval`` is Wilson's, as if the answers were independent, which those of one reader are not quite.
    """

    confidence: float
    right: float
    interval: Interval
    count: int


def reliability(confidence: Shares, right: Shares) -> list[ReliabilityBin]:
    """The reliability diagram: answers in ``BINS`` bins by confidence, without the empty bins."""
    indices = np.minimum((confidence * BINS).astype(int), BINS - 1)
    diagram = []
    for index in range(BINS):
        inside = indices == index
        count, good = int(inside.sum()), int(right[inside].sum())
        if count:
            mean = float(confidence[inside].mean())
            diagram.append(ReliabilityBin(mean, good / count, wilson_interval(good, count), count))
    return diagram


def brier_score(confidence: Shares, right: Shares) -> float:
    """The mean square of confidence minus right (G. W. Brier, Mon. Weather Rev. 78, 1950).

    0 is best; a constant confidence of one half scores 0.25.
    """
    return float(np.mean((confidence - right) ** 2))


def calibration_error(diagram: list[ReliabilityBin]) -> float:
    """The expected calibration error: the mean gap between confidence and right answers, weighted by count."""
    total = sum(one.count for one in diagram)
    return sum(one.count * abs(one.confidence - one.right) for one in diagram) / total
