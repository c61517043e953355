"""Student's t distribution, which intervals and tests with few readers need; without scipy."""

from math import exp, lgamma, log, log1p

from microdb.statistics.intervals import BISECTIONS

STEPS = 300
"""Terms of the continued fraction at most; it converges in a few dozen."""
LARGEST = 1e6
"""Quantiles are sought up to here; half a degree of freedom has its 95 % quantile at 400."""


def two_sided_p(t: float, freedom: float) -> float:
    """The probability of a value at least as far from 0 as ``t`` with ``freedom`` degrees of freedom."""
    return _incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)


def upper_p(t: float, freedom: float) -> float:
    """The probability of a value of at least ``t``."""
    half = two_sided_p(t, freedom) / 2
    return half if t > 0 else 1 - half


def quantile(confidence: float, freedom: float) -> float:
    """The t within which a share ``confidence`` of the distribution lies, on both sides of 0."""
    low, high = 0.0, LARGEST
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if two_sided_p(middle, freedom) > 1 - confidence:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function (Numerical Recipes, 3rd ed., section 6.4)."""
    if x <= 0 or x >= 1:
        return min(1.0, max(0.0, x))
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return front * _continued_fraction(x, a, b) / a


def _continued_fraction(x: float, a: float, b: float) -> float:
    """The fraction of the incomplete beta function, by Lentz' method."""
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d, c = 1 / (1 + term * d), 1 + term / c
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value
