"""Area fractions by systematic point counting (ASTM E562-19, sections 12 to 14)."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from microdb.statistics import student
from microdb.statistics.intervals import Interval

CONFIDENCE = 0.95


@dataclass(frozen=True)
class AreaFraction:
    """The mean share of points over n fields, with the standard deviation of the fields.

    ``half_width`` is the 95 % confidence interval of the standard, plus or minus; ``interval`` is the mean with it,
    within 0 and 1; ``relative_accuracy`` is the half width over the mean. One field has none of them, and fields that
    all agree exactly have no interval either, since they say nothing of how much fields differ.
    """

    fields: int
    mean: float
    deviation: float | None = None
    half_width: float | None = None
    interval: Interval | None = None
    relative_accuracy: float | None = None


def area_fraction(shares: NDArray[np.float64]) -> AreaFraction:
    """From the share of points in each of n fields, (n,): Student's t over the fields, which count alike."""
    count, mean = len(shares), float(shares.mean())
    deviation = float(shares.std(ddof=1)) if count > 1 else None
    if not deviation:
        return AreaFraction(count, mean, deviation)
    half = student.critical(1 - CONFIDENCE, count - 1) * deviation / sqrt(count)
    interval = Interval(max(0.0, mean - half), min(1.0, mean + half))
    return AreaFraction(count, mean, deviation, half, interval, half / mean)
