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
