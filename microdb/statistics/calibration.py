"""Calibration: whether answers given with 80 % confidence are right in 80 % of the cases."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microdb.statistics import student
from microdb.statistics.intervals import Interval, score_interval, wilson_interval

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
            owners = np.arange(count) if readers is None else readers[inside]
            interval = clustered_interval(right[inside], owners)
            diagram.append(ReliabilityBin(float(confidence[inside].mean()), good / count, interval, count))
    return diagram


def clustered_interval(right: Shares, owners: NDArray[np.int_], confidence: float = 0.95) -> Interval:
    """The interval of a share of right answers, some of which belong to the same owner.

    Wilson's, with the effective number of answers from the ratio estimator's variance over owners and Student's t (E.
    L. Korn and B. I. Graubard, Surv. Methodol. 24, 1998). Where all answers are alike, each owner counts as one answer.
    """
    _names, places = np.unique(owners, return_inverse=True)
    sizes, good = np.bincount(places), np.bincount(places, weights=right)
    clusters, count, share = len(sizes), len(right), float(right.mean())
    if clusters in (1, count):
        return wilson_interval(round(float(good.sum())), count, confidence)
    variance = clusters / (clusters - 1) * float(((good - share * sizes) ** 2).sum()) / count**2
    total = min(share * (1 - share) / variance, count) if variance else clusters
    return score_interval(share, total, student.critical(1 - confidence, clusters - 1))


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
