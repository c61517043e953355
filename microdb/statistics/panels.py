"""Accuracy of a panel of readers, where both readers and questions are samples."""

import numpy as np
from numpy.typing import NDArray

from microdb.statistics.crossed import crossed_mean
from microdb.statistics.intervals import Interval, score_interval, wilson_interval

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


def panel_interval(right: Answers, confidence: float = 0.95) -> Interval:
    """The interval of a panel's accuracy over readers and questions: Wilson's, with the effective number of answers.

    That number is p (1 - p) / variance, and the critical value of ``crossed`` takes the place of the normal one (N.
    Dean and M. Pagano, J. Surv. Stat. Methodol. 3, 2015). Where every answer is right, or none, the readers count as
    one: the interval is Wilson's of that many questions. Raises ValueError without an answer.
    """
    found = crossed_mean(right)
    if found.readers == 1 or found.variance <= 0:
        return wilson_interval(round(found.mean * found.questions), found.questions, confidence)
    answers = float((~np.isnan(right)).sum())
    total = min(found.mean * (1 - found.mean) / found.variance, answers)
    return score_interval(found.mean, total, found.critical(1 - confidence))
