"""The statistics of people against a model: pure functions on counts and arrays, without Django.

Readers and questions are both samples. A reader's answers are a row of ``right``: 1 right, 0 not right (unsure is not
right), NaN not answered. A reader's accuracy is over what they answered; a panel's is the mean over its readers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Answers = NDArray[np.float64]
"""Readers x questions (or questions alone): 1, 0 or NaN."""


@dataclass(frozen=True)
class Interval:
    """A confidence interval of a share, both ends from 0 to 1."""

    low: float
    high: float


def wilson_interval(right: int, total: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of ``right`` out of ``total`` (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927)."""
    _check_counts(right, total)
    z = float(stats.norm.ppf((1 + confidence) / 2))
    share, spread = right / total, z * z / total
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / total + spread / (4 * total))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def exact_interval(right: int, total: int, confidence: float = 0.95) -> Interval:
    """The interval of Clopper and Pearson: never too short, often too long."""
    _check_counts(right, total)
    tail = (1 - confidence) / 2
    low = float(stats.beta.ppf(tail, right, total - right + 1)) if right else 0.0
    high = float(stats.beta.isf(tail, right + 1, total - right)) if right < total else 1.0
    return Interval(low, high)


def binomial_p(right: int, total: int, share: float) -> float:
    """Exact two-sided p of ``right`` out of ``total`` where ``share`` (taken as known) is expected."""
    _check_counts(right, total)
    return float(stats.binomtest(right, total, share).pvalue)


def mcnemar_p(first: Answers, second: Answers) -> float:
    """Exact McNemar test of two raters on the same questions; a question one of them skipped is left out."""
    both = ~np.isnan(first) & ~np.isnan(second)
    only_first = int(((first == 1) & (second == 0) & both).sum())
    only_second = int(((second == 1) & (first == 0) & both).sum())
    if only_first + only_second == 0:
        return 1.0
    return float(stats.binomtest(only_first, only_first + only_second, 0.5).pvalue)


def accuracies(right: Answers) -> NDArray[np.float64]:
    """Each reader's share of right answers; NaN for one who answered nothing."""
    answered = (~np.isnan(right)).sum(axis=1)
    return np.where(answered > 0, np.nansum(right, axis=1) / np.maximum(answered, 1), np.nan)


def panel_accuracy(right: Answers) -> float:
    """The mean over readers of their accuracy; NaN when nobody answered."""
    shares = accuracies(right)
    return float(np.nanmean(shares)) if (~np.isnan(shares)).any() else float("nan")


def panel_interval(right: Answers, *, seed: int = 0, replicates: int = 4000, confidence: float = 0.95) -> Interval:
    """Percentile bootstrap of the panel's mean over readers and questions, drawn independently.

    One reader is no sample of readers: then only the questions are drawn.
    """
    readers, questions = right.shape
    if not readers or not questions:
        raise ValueError("A panel's interval needs at least one reader and one question.")
    random = np.random.default_rng(seed)
    drawn_readers = random.multinomial(readers, np.full(readers, 1 / readers), size=replicates).T  # readers x B
    drawn_questions = random.multinomial(questions, np.full(questions, 1 / questions), size=replicates).T
    answered = (~np.isnan(right)).astype(float) @ drawn_questions
    shares = np.nan_to_num(right) @ drawn_questions / np.maximum(answered, 1)
    weights = drawn_readers * (answered > 0)
    total = weights.sum(axis=0)
    means = (shares * weights).sum(axis=0)[total > 0] / total[total > 0]
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))


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


def _check_counts(right: int, total: int) -> None:
    if total <= 0 or not 0 <= right <= total:
        raise ValueError(f"Wanted 0 <= right <= total and total > 0; {right} of {total} was given.")
