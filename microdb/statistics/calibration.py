"""Calibration: whether answers given with 80 % confidence are right in 80 % of the cases."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microdb.statistics.intervals import Interval, clustered_interval, wilson_interval

Shares = NDArray[np.float64]
BINS = 10
"""Bins of equal width on [0, 1], the same for quizzes and for model versions."""
CHANCE_DRAWS = 400


@dataclass(frozen=True)
class ReliabilityBin:
    """Answers of similar confidence; all values are from 0 to 1 but the count. ``interval`` allows for the readers."""

    confidence: float
    right: float
    interval: Interval
    count: int


def reliability(confidence: Shares, right: Shares, readers: NDArray[np.int_] | None = None) -> list[ReliabilityBin]:
    """The reliability diagram: answers in ``BINS`` bins by confidence, without the empty bins.

    ``readers`` says who gave each answer; without it every answer counts as independent.
    """
    indices = _bins(confidence)
    diagram = []
    for index in range(BINS):
        inside = indices == index
        count, good = int(inside.sum()), int(right[inside].sum())
        if count:
            if readers is None:
                interval = wilson_interval(good, count)
            else:
                _names, owners = np.unique(readers[inside], return_inverse=True)
                good_of_each = np.bincount(owners, weights=right[inside]).astype(np.float64)
                interval = clustered_interval(good_of_each, np.bincount(owners).astype(np.float64))
            diagram.append(ReliabilityBin(float(confidence[inside].mean()), good / count, interval, count))
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


def calibration_error_by_chance(confidence: Shares, *, seed: int = 0) -> float:
    """The mean calibration error of answers that are right exactly as often as stated: few answers never show 0."""
    random, indices = np.random.default_rng(seed), _bins(confidence)
    gaps = np.zeros(CHANCE_DRAWS)
    for index in np.unique(indices):
        stated = confidence[indices == index]
        drawn = np.array([(random.random(stated.size) < stated).sum() for _ in range(CHANCE_DRAWS)])
        gaps += np.abs(drawn - stated.sum())
    return float(gaps.mean()) / len(confidence)


def _bins(confidence: Shares) -> NDArray[np.int_]:
    return np.asarray(np.minimum((confidence * BINS).astype(int), BINS - 1))
