"""Percentile bootstrap over questions."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from microdb.statistics.intervals import Interval, score_interval

REPLICATES = 4000


def resampling_weights(questions: int, random: np.random.Generator, replicates: int) -> NDArray[np.float64]:
    """How often each question occurs in each bootstrap sample: questions x replicates."""
    drawn = random.multinomial(questions, np.full(questions, 1 / questions), size=replicates)
    return np.asarray(drawn.T, dtype=np.float64)


def percentile_interval(values: NDArray[np.float64], confidence: float = 0.95) -> Interval:
    """The interval between the percentiles of bootstrapped values."""
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))


def mean_interval(
    credits: NDArray[np.float64], *, seed: int = 0, replicates: int = REPLICATES, confidence: float = 0.95
) -> Interval:
    """The interval of the mean of ``credits`` (one per question, 0 to 1).

    Credits that are all alike have no spread to resample: they get Wilson's interval.
    """
    if np.ptp(credits) == 0:
        return score_interval(float(credits[0]), len(credits), NormalDist().inv_cdf((1 + confidence) / 2))
    weights = resampling_weights(len(credits), np.random.default_rng(seed), replicates)
    return percentile_interval(credits @ weights / len(credits), confidence)
