"""The statistics, against the paper's figures, scipy and slow recomputation."""

import itertools

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from microdb import statistics

NAN = float("nan")


def test_the_papers_first_quiz_has_its_published_intervals():
    wilson, exact = statistics.wilson_interval(29, 36), statistics.exact_interval(29, 36)
    assert (round(100 * wilson.low, 1), round(100 * wilson.high, 1)) == (65.0, 90.2)
    assert (round(100 * exact.low, 1), round(100 * exact.high, 1)) == (64.0, 91.8)


def test_the_papers_first_quiz_shows_no_difference_and_the_second_does():
    assert round(statistics.binomial_p(29, 36, 0.73), 3) == 0.354
    assert round(statistics.binomial_p(21, 21, 0.67), 4) == 0.0003


@pytest.mark.parametrize(("right", "total"), [(0, 5), (1, 1), (3, 7), (50, 100), (21, 21), (29, 36), (997, 1000)])
def test_intervals_agree_with_scipy_and_statsmodels(right, total):
    test = stats.binomtest(right, total)
    for ours, method, beta in [
        (statistics.wilson_interval, "wilson", "wilson"),
        (statistics.exact_interval, "exact", "beta"),
    ]:
        interval, oracle = ours(right, total), test.proportion_ci(method=method)
        assert (interval.low, interval.high) == pytest.approx((oracle.low, oracle.high), abs=1e-9)
        assert (interval.low, interval.high) == pytest.approx(proportion_confint(right, total, method=beta), abs=1e-9)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.67, 0.73, 1.0])
@pytest.mark.parametrize(("right", "total"), [(0, 5), (29, 36), (21, 21), (60, 100)])
def test_the_exact_binomial_p_agrees_with_scipy(right, total, share):
    assert statistics.binomial_p(right, total, share) == pytest.approx(stats.binomtest(right, total, share).pvalue)


def test_wilson_interval_solves_its_defining_equation():
    interval, z = statistics.wilson_interval(7, 20), stats.norm.ppf(0.975)
    for end in (interval.low, interval.high):
        assert abs(7 / 20 - end) / np.sqrt(end * (1 - end) / 20) == pytest.approx(z)


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="5 of 4"):
        statistics.wilson_interval(5, 4)
    with pytest.raises(ValueError, match="0 of 0"):
        statistics.exact_interval(0, 0)


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


def test_unanswered_questions_are_not_wrong_answers():
    right = np.array([[1, 0, NAN, NAN], [1, 1, 1, 0], [NAN, NAN, NAN, NAN]])
    assert statistics.accuracies(right)[:2] == pytest.approx([0.5, 0.75])
    assert np.isnan(statistics.accuracies(right)[2])
    assert statistics.panel_accuracy(right) == pytest.approx(0.625)


def test_panel_interval_agrees_with_a_bootstrap_drawn_one_by_one():
    right = (np.random.default_rng(1).random((6, 9)) < 0.7).astype(float)
    right[0, 0] = NAN
    random, means = np.random.default_rng(2), []
    for _ in range(4000):
        readers, questions = random.integers(0, 6, 6), random.integers(0, 9, 9)
        drawn = right[np.ix_(readers, questions)]
        means.append(np.mean([np.nanmean(row) for row in drawn]))
    slow, ours = np.quantile(means, [0.025, 0.975]), statistics.panel_interval(right)
    assert (ours.low, ours.high) == pytest.approx(tuple(slow), abs=0.03)


def test_panel_interval_is_wider_than_that_of_readers_alone():
    right = np.tile((np.random.default_rng(0).random(12) < 0.6).astype(float), (20, 1))
    interval = statistics.panel_interval(right)
    assert interval.high - interval.low > 0.3  # readers agree fully, so only the questions vary


def test_panel_interval_of_nobody_is_refused():
    with pytest.raises(ValueError, match="at least one reader"):
        statistics.panel_interval(np.empty((0, 4)))


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
