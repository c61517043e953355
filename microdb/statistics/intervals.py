"""Shares of right answers with their intervals."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Answers = NDArray[np.float64]
"""Readers x questions (or questions alone): 1, 0 or NaN."""
BISECTIONS = 60
"""Halvings of 0..1: past the precision of a float."""


@dataclass(frozen=True)
class Interval:
    """A confidence interval; of a share, both ends are from 0 to 1."""

    low: float
    high: float


def wilson_interval(right: int, total: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of ``right`` out of ``total`` (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927)."""
    check_counts(right, total)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, spread = right / total, z * z / total
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / total + spread / (4 * total))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def exact_interval(right: int, total: int, confidence: float = 0.95) -> Interval:
    """The interval of Clopper and Pearson: never too short, often too long."""
    check_counts(right, total)
    low = _share_with_upper_tail(right, total, (1 - confidence) / 2) if right else 0.0
    high = 1 - _share_with_upper_tail(total - right, total, (1 - confidence) / 2) if right < total else 1.0
    return Interval(low, high)


def binomial_probabilities(total: int, share: float) -> NDArray[np.float64]:
    """The probability of 0, 1, ... ``total`` right answers where each is right with probability ``share``."""
    counts = np.arange(total + 1)
    if share in (0.0, 1.0):
        return (counts == total * share).astype(float)
    log_factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total + 1)))])
    log_ways = log_factorials[-1] - log_factorials - log_factorials[::-1]
    return np.exp(log_ways + counts * np.log(share) + (total - counts) * np.log1p(-share))


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
    drawn_questions = drawn_weights(questions, random, replicates)
    answered = (~np.isnan(right)).astype(float) @ drawn_questions
    shares = np.nan_to_num(right) @ drawn_questions / np.maximum(answered, 1)
    weights = drawn_readers * (answered > 0)
    total = weights.sum(axis=0)
    means = (shares * weights).sum(axis=0)[total > 0] / total[total > 0]
    return percentiles(means, confidence)


def share_interval(credits: Answers, *, seed: int = 0, replicates: int = 4000, confidence: float = 0.95) -> Interval:
    """Percentile bootstrap over questions of a mean of credits from 0 to 1."""
    weights = drawn_weights(len(credits), np.random.default_rng(seed), replicates)
    return percentiles(credits @ weights / len(credits), confidence)


def drawn_weights(questions: int, random: np.random.Generator, replicates: int) -> NDArray[np.float64]:
    """How often each question is in each bootstrap sample: questions x replicates."""
    return random.multinomial(questions, np.full(questions, 1 / questions), size=replicates).T.astype(float)


def percentiles(values: NDArray[np.float64], confidence: float) -> Interval:
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))


def check_counts(right: int, total: int) -> None:
    if total <= 0 or not 0 <= right <= total:
        raise ValueError(f"Wanted 0 <= right <= total and total > 0; {right} of {total} was given.")


def _share_with_upper_tail(right: int, total: int, tail: float) -> float:
    """The share at which ``right`` or more right answers have the probability ``tail``; by bisection."""
    low, high = 0.0, 1.0
    for _halving in range(BISECTIONS):
        middle = (low + high) / 2
        if binomial_probabilities(total, middle)[right:].sum() < tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2
