"""Two classifiers on the same micrographs, of which those of one specimen are alike."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from microdb.statistics import student
from microdb.statistics.intervals import Interval

ADDED = 2
"""Pairs added for the interval, half a pair of each kind."""


@dataclass(frozen=True)
class PairedDifference:
    """The accuracy of the second minus that of the first, with its interval; ``p`` tests whether it is 0."""

    difference: float
    interval: Interval
    p: float


def paired_difference(
    first: NDArray[np.bool_], second: NDArray[np.bool_], groups: NDArray[np.int_], confidence: float = 0.95
) -> PairedDifference:
    """From whether each is right (n,), and the group of each row (n,); groups are independent of each other.

    The variance between groups decides, with Student's t for few groups (A. C. Cameron and D. L. Miller, J. Hum.
    Resour. 50, 317, 2015). Half a pair of each kind is added, only the first right, only the second, both, neither (A.
    Agresti and Y. Min, Stat. Med. 24, 729, 2005), so that two that always agree are not called equal for certain.
    Where every group is one row, the exact test is ``significance.mcnemar_p``. Raises ValueError without rows.
    """
    if not len(first):
        raise ValueError("no rows to compare")
    steps = second.astype(float) - first.astype(float)
    difference = float(steps.mean())
    count = len(steps) + ADDED
    centre = float(steps.sum()) / count
    sizes = np.bincount(groups)
    sums = np.bincount(groups, weights=steps - centre)[sizes > 0]
    independent = len(sums) + ADDED
    # Of the added pairs, half a one steps up, half a one down, and one stays.
    squares = float((sums**2).sum()) + 0.5 * (1 - centre) ** 2 + 0.5 * (1 + centre) ** 2 + centre**2
    error = sqrt(independent / (independent - 1) * squares) / count
    reach = student.critical(1 - confidence, independent - 1) * error
    low, high = max(-1.0, centre - reach), min(1.0, centre + reach)
    p = student.two_sided_p(centre / error, independent - 1)
    return PairedDifference(difference, Interval(min(low, difference), max(high, difference)), p)
