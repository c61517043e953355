"""Exact tests of two raters and of a share, and the correction for several tests."""

from collections.abc import Sequence

from microdb.statistics import binomial
from microdb.statistics.panels import Answers

TIE_TOLERANCE = 1 + 1e-7
"""Outcomes whose probabilities differ by less than this factor count as equally likely."""


def binomial_p(right: int, total: int, share: float) -> float:
    """Exact two-sided p of ``right`` out of ``total`` under the null hypothesis ``share``, taken as known."""
    binomial.check_counts(right, total)
    probabilities = binomial.probabilities(total, share)
    return float(min(1.0, probabilities[probabilities <= probabilities[right] * TIE_TOLERANCE].sum()))


def discordant_pairs(first: Answers, second: Answers) -> tuple[int, int]:
    """On how many questions only the first, and only the second rater is right; skipped questions are left out."""
    only_first = int(((first == 1) & (second == 0)).sum())
    return only_first, int(((second == 1) & (first == 0)).sum())


def mcnemar_p(first: Answers, second: Answers) -> float:
    """McNemar's exact test of two raters on the same questions (Q. McNemar, Psychometrika 12, 1947).

    A question that one of them skipped is left out.
    """
    only_first, only_second = discordant_pairs(first, second)
    return binomial_p(only_first, only_first + only_second, 0.5) if only_first + only_second else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected for multiple comparisons, in the order given (S. Holm, Scand. J. Stat. 6, 1979)."""
    corrected = [0.0] * len(p_values)
    floor = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = floor
    return corrected
