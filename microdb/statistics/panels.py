"""Accuracy of a panel of readers, where both readers and questions are samples (multi-reader, multi-case)."""

import numpy as np
from numpy.typing import NDArray

from microdb.statistics.bootstrap import REPLICATES, percentile_interval, resampling_weights
from microdb.statistics.intervals import Interval

Answers = NDArray[np.float64]
"""Readers x questions, or the questions of one reader: 1 right, 0 not right (unsure too), NaN not answered."""


def accuracies(right: Answers) -> NDArray[np.float64]:
    """Each reader's share of right answers among those given; NaN for a reader without answers."""
    answered = (~np.isnan(right)).sum(axis=1)
    return np.asarray(np.where(answered > 0, np.nansum(right, axis=1) / np.maximum(answered, 1), np.nan))


def panel_accuracy(right: Answers) -> float:
    """The mean of the readers' accuracies; NaN when nobody answered."""
    shares = accuracies(right)
    return float(np.nanmean(shares)) if (~np.isnan(shares)).any() else float("nan")


def panel_interval(
    right: Answers, *, seed: int = 0, replicates: int = REPLICATES, confidence: float = 0.95
) -> Interval:
    """Percentile bootstrap of the panel's accuracy, which resamples readers and questions independently.

    Readers are not resampled when there is only one. Raises ValueError without a reader or a question.
    """
    readers, questions = right.shape
    if not readers or not questions:
        raise ValueError("A panel's interval needs at least one reader and one question.")
    random = np.random.default_rng(seed)
    reader_weights = random.multinomial(readers, np.full(readers, 1 / readers), size=replicates).T
    question_weights = resampling_weights(questions, random, replicates)
    answered = (~np.isnan(right)).astype(float) @ question_weights
    shares = np.nan_to_num(right) @ question_weights / np.maximum(answered, 1)
    weights = reader_weights * (answered > 0)
    total = weights.sum(axis=0)
    means = (shares * weights).sum(axis=0)[total > 0] / total[total > 0]
    return percentile_interval(means, confidence)
