"""The binomial distribution, which the exact interval and the exact tests need."""

import numpy as np
from numpy.typing import NDArray


def probabilities(total: int, share: float) -> NDArray[np.float64]:
    """The probability of 0, 1, ... ``total`` successes, each with probability ``share``; shape (total + 1,)."""
    counts = np.arange(total + 1)
    if share in (0.0, 1.0):
        return np.asarray(counts == total * share, dtype=np.float64)
    log_factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total + 1)))])
    log_ways = log_factorials[-1] - log_factorials - log_factorials[::-1]
    return np.asarray(np.exp(log_ways + counts * np.log(share) + (total - counts) * np.log1p(-share)))


def check_counts(right: int, total: int) -> None:
    """Raise ValueError unless 0 <= right <= total and total > 0."""
    if total <= 0 or not 0 <= right <= total:
        raise ValueError(f"Wanted 0 <= right <= total and total > 0; {right} of {total} was given.")
