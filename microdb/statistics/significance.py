"""Tests of whether two raters or a model and a panel differ, and of whether two measures go together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from microdb.statistics.intervals import Answers, binomial_probabilities, check_counts

AS_LIKELY = 1 + 1e-7
"""Outcomes this close in probability count as equally likely."""


def binomial_p(right: int, total: int, share: float) -> float:
    """Exact two-sided p of ``right`` out of ``total`` where ``share`` (taken as known) is expected."""
    check_counts(right, total)
    probabilities = binomial_probabilities(total, share)
    return float(min(1.0, probabilities[probabilities <= probabilities[right] * AS_LIKELY].sum()))


def only_one_right(first: Answers, second: Answers) -> tuple[int, int]:
    """On how many questions only the first, and only the second rater is right; skipped ones are left out."""
    only_first = int(((first == 1) & (second == 0)).sum())
    return only_first, int(((second == 1) & (first == 0)).sum())


def mcnemar_p(first: Answers, second: Answers) -> float:
    """Exact McNemar test of two raters on the same questions; a question one of them skipped is left out."""
    only_first, only_second = only_one_right(first, second)
    return binomial_p(only_first, only_first + only_second, 0.5) if only_first + only_second else 1.0


def permutation_p(model: Answers, panel: Answers, *, seed: int = 0, permutations: int = 20_000) -> float:
    """Two-sided p of model (questions) against panel (readers x questions), paired by question.

    Under the null hypothesis model and panel may be swapped within each question, which flips the sign of the
    question's difference between the model's answer and the share of the panel that is right.
    """
    answered = (~np.isnan(panel)).sum(axis=0)
    usable = (answered > 0) & ~np.isnan(model)
    differences = model[usable] - np.nansum(panel[:, usable], axis=0) / answered[usable]
    if not differences.size or np.allclose(differences, 0):
        return 1.0
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(permutations, differences.size))
    as_far = np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9
    return float((as_far.sum() + 1) / (permutations + 1))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's correction for several comparisons, in the order given (S. Holm, Scand. J. Stat. 6, 1979)."""
    corrected, floor = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = floor
    return corrected


def spearman(
    first: NDArray[np.float64], second: NDArray[np.float64], *, seed: int = 0, permutations: int = 5000
) -> tuple[float, float] | None:
    """Spearman's rank correlation and its two-sided permutation p; None with fewer than 4 pairs or a constant."""
    if len(first) < 4 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    x, y = _standardized_ranks(first), _standardized_ranks(second)
    rho = float(x @ y)
    random = np.random.default_rng(seed)
    shuffled = random.permuted(np.tile(y, (permutations, 1)), axis=1) @ x
    return rho, float(((np.abs(shuffled) >= abs(rho) - 1e-9).sum() + 1) / (permutations + 1))


def _standardized_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks, equal values sharing the mean of theirs, with mean 0 and length 1."""
    _unique, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    centred = ranks - ranks.mean()
    return np.asarray(centred / np.linalg.norm(centred))
