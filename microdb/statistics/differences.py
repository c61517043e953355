"""A model against a panel: the difference of accuracies over readers and questions, both samples of more.

The model is one fixed reader without an error of its own, who answered the same questions. So each answer becomes a
difference, model right minus reader right (-1, 0 or 1), and the mean of these is analysed as in ``crossed``; this is
what D. P. Chakraborty calls 1T-RRRC (Observer Performance Methods, 2017, chapter 22).

Half a question of each kind is added for the interval and the test: only the model right, only the readers, both,
neither (A. Agresti and Y. Min, Stat. Med. 24, 729, 2005, for paired proportions). Without it a model that is right on
every question would seem to have no uncertainty.

Share of true null hypotheses that the test rejects at the 5 % level, in per cent of 4000 drawn quizzes (standard error
0.3). Everyone is right on 73 % of the questions in the long run; "spread" is the standard deviation of the readers'
accuracies in points. The questions are equally easy, or their ease spreads by 18 points and the model finds the same
ones easy as the readers, or the model does not. ``python -m tests.statistics.null_quizzes`` draws them again.

    questions  readers  spread  equally easy  shared ease  ease of the readers alone
           36        3       0           2.4          2.3                        2.8
           36        3       5           2.2          2.6                        2.2
           36        3      10           2.3          2.6                        2.3
           36        5       0           3.3          3.0                        3.2
           36        5       5           3.5          2.5                        3.1
           36        5      10           2.7          3.2                        3.2
           36       10       0           3.5          3.5                        4.1
           36       10       5           3.7          3.0                        3.4
           36       10      10           3.6          3.1                        3.3
           36       21       0           3.9          3.4                        4.3
           36       21       5           3.5          3.4                        4.1
           36       21      10           3.5          3.6                        3.8
          200        3       0           2.5          2.5                        2.8
          200        3       5           2.9          3.2                        3.1
          200        3      10           3.6          4.0                        3.7
          200        5       0           4.0          4.0                        4.0
          200        5       5           3.8          3.2                        3.5
          200        5      10           4.0          4.2                        3.6
          200       10       0           5.0          4.8                        4.5
          200       10       5           3.9          4.1                        4.0
          200       10      10           4.4          4.0                        4.0
          200       21       0           4.7          4.5                        4.7
          200       21       5           4.8          4.7                        4.8
          200       21      10           4.6          4.6                        4.3
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import sqrt

import numpy as np

from microdb.statistics.crossed import CrossedMean, crossed_mean
from microdb.statistics.intervals import Interval
from microdb.statistics.panels import Answers

SIGNIFICANT = 0.05


class Verdict(StrEnum):
    """What a comparison of a model with a panel shows."""

    SUPERIOR = "superior"
    NON_INFERIOR = "non-inferior"
    INFERIOR = "inferior"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Difference:
    """``value``: model minus panel, on the questions that each reader answered. ``plain`` is its mean and variance as
    published, ``adjusted`` with half a question of each kind; ``interval`` and ``p`` are of the latter, and belong to
    each other: the interval leaves out 0 where p < 0.05.
    """

    value: float
    model: float
    panel: float
    interval: Interval
    plain: CrossedMean
    adjusted: CrossedMean

    @cached_property
    def p(self) -> float:
        """Two-sided, of no difference."""
        return self.adjusted.p_against(0.0)

    def verdict(self, margin: float | None = None, corrected_p: float | None = None) -> Verdict:
        """Non-inferior where a ``margin`` (0 to 1) was declared and the 95 % interval lies above minus the margin.

        ``corrected_p`` takes the place of p where this is one of several comparisons.
        """
        differs = (self.p if corrected_p is None else corrected_p) < SIGNIFICANT
        if differs and self.value > 0:
            return Verdict.SUPERIOR
        if margin is not None and self.interval.low > -margin:
            return Verdict.NON_INFERIOR
        return Verdict.INFERIOR if differs else Verdict.NOTHING

    def p_of_margin(self, margin: float) -> float:
        """One-sided p of the hypothesis that the model is worse than the panel by ``margin`` or more."""
        half = self.adjusted.p_against(-margin) / 2
        return half if self.adjusted.mean > -margin else 1 - half


def difference(model: Answers, panel: Answers) -> Difference:
    """Of a model (questions) and a panel (readers x questions). Raises ValueError without a common answer."""
    table = model - panel
    plain = crossed_mean(table)
    adjusted = crossed_mean(_with_half_questions(table))
    interval = adjusted.interval()
    ends = Interval(max(-1.0, min(plain.mean, interval.low)), min(1.0, max(plain.mean, interval.high)))
    people = crossed_mean(np.where(np.isnan(table), np.nan, panel)).mean
    return Difference(plain.mean, people + plain.mean, people, ends, plain, adjusted)


def _with_half_questions(table: Answers) -> Answers:
    """Two questions with the same sum and sum of squares as half a question each of differences 1, -1, 0 and 0."""
    asked = table[(~np.isnan(table)).any(axis=1)]
    column = np.full((len(asked), 1), sqrt(0.5))
    return np.hstack([asked, column, -column])
