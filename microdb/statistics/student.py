"""Student's t distribution, which intervals and tests with few readers need; without scipy."""

from functools import lru_cache
from math import exp, lgamma, log, log1p, pi
from statistics import NormalDist

STEPS = 300
"""Terms of the continued fraction, and Newton's steps, at most; both converge much earlier."""
PRECISION = 1e-13
LARGEST = 1e300
"""Critical values are sought up to here."""


def two_sided_p(t: float, freedom: float) -> float:
    """The probability of a value at least as far from 0 as ``t`` with ``freedom`` degrees of freedom."""
    return _incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)


@lru_cache(maxsize=1024)
def critical(level: float, freedom: float) -> float:
    """The t whose two-sided p is ``level``, 0.05 for the ends of a 95 % interval; by Newton's method."""
    low, high = 0.0, LARGEST
    t = -NormalDist().inv_cdf(level / 2)
    for _ in range(STEPS):
        excess = two_sided_p(t, freedom) - level
        low, high = (t, high) if excess > 0 else (low, t)
        following = t + excess / (2 * _density(t, freedom))
        if not low <= following <= high:
            following = (low + high) / 2
        if abs(following - t) <= PRECISION * t:
            return following
        t = following
    return t


def _density(t: float, freedom: float) -> float:
    scale = lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - log(freedom * pi) / 2
    return exp(scale - (freedom + 1) / 2 * log1p(t * t / freedom))


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
