"""Tests of differences, against the paper's figures, scipy, statsmodels and slow recomputation."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from microdb import statistics

NAN = float("nan")


def test_the_papers_first_quiz_shows_no_difference_and_the_second_does():
    assert round(statistics.binomial_p(29, 36, 0.73), 3) == 0.354
    assert round(statistics.binomial_p(21, 21, 0.67), 4) == 0.0003


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.67, 0.73, 1.0])
@pytest.mark.parametrize(("right", "total"), [(0, 5), (29, 36), (21, 21), (60, 100)])
def test_the_exact_binomial_p_agrees_with_scipy(right, total, share):
    assert statistics.binomial_p(right, total, share) == pytest.approx(stats.binomtest(right, total, share).pvalue)


def test_mcnemar_counts_only_questions_on_which_two_raters_differ():
    first = np.array([1, 1, 1, 1, 1, 0, 1, 0, NAN])
    second = np.array([0, 0, 0, 0, 0, 1, 1, 0, 1])
    assert statistics.mcnemar_p(first, second) == pytest.approx(2 * (1 + 6) / 2**6)
    assert statistics.mcnemar_p(first, first) == 1.0


def test_mcnemar_agrees_with_statsmodels():
    random = np.random.default_rng(4)
    for _ in range(20):
        first, second = (random.random((2, 30)) < [[0.8], [0.6]]).astype(float)
        table = [[int(((first == a) & (second == b)).sum()) for b in (1, 0)] for a in (1, 0)]
        assert statistics.mcnemar_p(first, second) == pytest.approx(mcnemar(table, exact=True).pvalue)


def test_holm_follows_the_definition():
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert statistics.holm([0.7, 0.9]) == [1.0, 1.0]
    assert statistics.holm([]) == []


def test_holm_agrees_with_statsmodels():
    p_values = np.random.default_rng(6).random(9) ** 3
    assert statistics.holm(list(p_values)) == pytest.approx(list(multipletests(p_values, method="holm")[1]))
