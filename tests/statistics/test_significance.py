"""Tests of differences, against the paper's figures, scipy, statsmodels and slow recomputation."""

import itertools

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


def test_permutation_agrees_with_all_swaps_counted_out():
    random = np.random.default_rng(3)
    model, panel = (random.random(10) < 0.9).astype(float), (random.random((5, 10)) < 0.5).astype(float)
    differences = model - panel.mean(axis=0)
    sums = [abs(np.dot(signs, differences)) for signs in itertools.product([-1, 1], repeat=10)]
    exact = np.mean(np.array(sums) >= abs(differences.sum()) - 1e-9)
    assert statistics.permutation_p(model, panel) == pytest.approx(exact, abs=0.01)


def test_permutation_agrees_with_scipys_paired_permutation_test():
    random = np.random.default_rng(8)
    model, panel = (random.random(12) < 0.8).astype(float), (random.random((7, 12)) < 0.6).astype(float)
    oracle = stats.permutation_test(
        (model, panel.mean(axis=0)),
        lambda first, second, axis: np.sum(first - second, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )
    assert statistics.permutation_p(model, panel) == pytest.approx(oracle.pvalue, abs=0.01)


def test_permutation_finds_nothing_where_there_is_nothing():
    assert statistics.permutation_p(np.ones(5), np.ones((3, 5))) == 1.0
    assert statistics.permutation_p(np.ones(5), np.full((3, 5), NAN)) == 1.0


def test_permutation_finds_a_model_that_is_always_better():
    assert statistics.permutation_p(np.ones(21), np.zeros((4, 21))) < 0.001


def test_holm_follows_the_definition():
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert statistics.holm([0.7, 0.9]) == [1.0, 1.0]
    assert statistics.holm([]) == []


def test_holm_agrees_with_statsmodels():
    p_values = np.random.default_rng(6).random(9) ** 3
    assert statistics.holm(list(p_values)) == pytest.approx(list(multipletests(p_values, method="holm")[1]))
