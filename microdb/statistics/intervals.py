"""Confidence intervals of a proportion."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from microdb.statistics import binomial, student

BISECTIONS = 60
"""Enough halvings of 0..1 to reach the precision of a float."""


@dataclass(frozen=True)
class Interval:
    """A confidence interval; of a proportion, both ends are from 0 to 1."""

    low: float
    high: float


def wilson_interval(right: int, total: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of ``right`` out of ``total`` (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927).

    Raises ValueError for impossible counts.
    """
    binomial.check_counts(right, total)
    return score_interval(right / total, total, NormalDist().inv_cdf((1 + confidence) / 2))


def clustered_interval(right: NDArray[np.float64], total: NDArray[np.float64], confidence: float = 0.95) -> Interval:
    """The interval of ``right.sum()`` out of ``total.sum()`` where rows of one group are alike: an entry per group.

    Wilson's interval with the effective sample size of E. L. Korn and B. I. Graubard (Survey Methodology 24, 1998),
    which C. Franco et al. recommend (J. Surv. Stat. Methodol. 7, 2019): the variance between the groups decides it,
    and Student's t pays for few groups. Where all or none are right, each group counts once.
    """
    groups, rows = len(total), float(total.sum())
    if groups < 2:
        return Interval(0.0, 1.0)
    share = float(right.sum()) / rows
    between = groups / (groups - 1) * float(((right - share * total) ** 2).sum()) / rows**2
    alone = share * (1 - share) / rows
    effective = rows * alone / max(alone, between) if alone else float(groups)
    return score_interval(share, effective, student.critical(1 - confidence, groups - 1))


def score_interval(share: float, total: float, z: float) -> Interval:
    """Wilson's interval of a share of ``total`` answers, which can be an effective number and no whole one."""
    shrinkage = z * z / total
    centre = (share + shrinkage / 2) / (1 + shrinkage)
    half = z / (1 + shrinkage) * sqrt(share * (1 - share) / total + shrinkage / (4 * total))
    # The interval always holds the share; rounding would miss it by a digit at 0 and 1.
    return Interval(max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


def exact_interval(right: int, total: int, confidence: float = 0.95) -> Interval:
    """The exact interval of Clopper and Pearson (Biometrika 26, 1934). Raises ValueError for impossible counts."""
    binomial.check_counts(right, total)
    tail = (1 - confidence) / 2
    low = _share_with_upper_tail(right, total, tail) if right else 0.0
    high = 1 - _share_with_upper_tail(total - right, total, tail) if right < total else 1.0
    return Interval(low, high)


def _share_with_upper_tail(right: int, total: int, tail: float) -> float:
    """The share for which ``right`` or more successes have the probability ``tail``, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if binomial.probabilities(total, middle)[right:].sum() < tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2
