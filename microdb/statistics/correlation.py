"""Rank correlation."""

import numpy as np
from numpy.typing import NDArray


def spearman(
    first: NDArray[np.float64], second: NDArray[np.float64], *, seed: int = 0, permutations: int = 5000
) -> tuple[float, float] | None:
    """Spearman's rank correlation and its two-sided permutation p; None for fewer than 4 pairs or a constant."""
    if len(first) < 4 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    x, y = _standardised_ranks(first), _standardised_ranks(second)
    rho = float(x @ y)
    random = np.random.default_rng(seed)
    shuffled = random.permuted(np.tile(y, (permutations, 1)), axis=1) @ x
    return rho, float(((np.abs(shuffled) >= abs(rho) - 1e-9).sum() + 1) / (permutations + 1))


def _standardised_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks with mean 0 and norm 1; equal values share the mean of their ranks."""
    _unique, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    centred = ranks - ranks.mean()
    return np.asarray(centred / np.linalg.norm(centred))
