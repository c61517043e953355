"""Confidence intervals against the paper's figures, scipy and statsmodels."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from microdb import statistics


def test_the_papers_first_quiz_has_its_published_intervals():
    wilson, exact = statistics.wilson_interval(29, 36), statistics.exact_interval(29, 36)
    assert (round(100 * wilson.low, 1), round(100 * wilson.high, 1)) == (65.0, 90.2)
    assert (round(100 * exact.low, 1), round(100 * exact.high, 1)) == (64.0, 91.8)


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


def test_wilson_interval_solves_its_defining_equation():
    interval, z = statistics.wilson_interval(7, 20), stats.norm.ppf(0.975)
    for end in (interval.low, interval.high):
        assert abs(7 / 20 - end) / np.sqrt(end * (1 - end) / 20) == pytest.approx(z)


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="5 of 4"):
        statistics.wilson_interval(5, 4)
    with pytest.raises(ValueError, match="0 of 0"):
        statistics.exact_interval(0, 0)


@pytest.mark.parametrize("total", [1, 2, 10, 36, 1000])
def test_wilson_interval_equals_that_of_scipy_which_the_classifier_uses(total):
    for right in range(0, total + 1, max(1, total // 10)):
        interval, oracle = (
            statistics.wilson_interval(right, total),
            stats.binomtest(right, total).proportion_ci(method="wilson"),
        )
        assert (interval.low, interval.high) == pytest.approx((oracle.low, oracle.high), abs=1e-12)
        assert interval.low <= right / total <= interval.high


def test_the_clustered_interval_of_single_rows_is_wilsons_but_for_students_t():
    right = np.repeat([1.0, 0.0], [700, 300])
    ours, wilson = statistics.clustered_interval(right, np.ones(1000)), statistics.wilson_interval(700, 1000)
    assert (ours.low, ours.high) == pytest.approx((wilson.low, wilson.high), abs=2e-4)


@pytest.mark.parametrize(("right", "rows"), [(8, 10), (10, 10), (0, 10)])
def test_groups_whose_rows_are_all_alike_count_once(right, rows):
    """Ten groups of 50 rows, of which some are all right."""
    ours = statistics.clustered_interval(np.repeat([50.0, 0.0], [right, 10 - right]), np.full(10, 50.0))
    wilson = statistics.wilson_interval(right, rows)
    assert ours.low <= wilson.low
    assert ours.high >= wilson.high
    assert ours.high - ours.low < 1.4 * (wilson.high - wilson.low)


def test_the_clustered_interval_has_the_effective_size_of_korn_and_graubard():
    right, total = np.array([3.0, 9, 4, 10, 1, 6]), np.array([10.0, 10, 5, 12, 8, 7])
    share = right.sum() / total.sum()
    variance = 6 / 5 * ((right - share * total) ** 2).sum() / total.sum() ** 2
    size = share * (1 - share) / variance * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 5)) ** 2
    ours = statistics.clustered_interval(right, total)
    for end in (ours.low, ours.high):
        assert abs(share - end) / np.sqrt(end * (1 - end) / size) == pytest.approx(stats.norm.ppf(0.975), rel=1e-3)


def test_a_single_group_says_nothing():
    interval = statistics.clustered_interval(np.array([30.0]), np.array([40.0]))
    assert (interval.low, interval.high) == (0, 1)
