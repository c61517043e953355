"""Accuracy of panels, against slow recomputation."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from microdb import statistics

NAN = float("nan")


def test_unanswered_questions_are_not_wrong_answers():
    right = np.array([[1, 0, NAN, NAN], [1, 1, 1, 0], [NAN, NAN, NAN, NAN]])
    assert statistics.accuracies(right)[:2] == pytest.approx([0.5, 0.75])
    assert np.isnan(statistics.accuracies(right)[2])
    assert statistics.panel_accuracy(right) == pytest.approx(0.625)


def test_panel_interval_is_wilsons_with_the_effective_number_of_answers():
    random = np.random.default_rng(1)
    share = 0.7 + random.normal(0, 0.1, (6, 1)) + random.normal(0, 0.2, 30)
    right = (random.random((6, 30)) < share).astype(float)
    right[0, 0] = NAN
    found = statistics.crossed_mean(right)
    z = found.critical()
    count = found.mean * (1 - found.mean) / found.variance
    assert 20 < count < 179  # never more than there are answers
    low, high = proportion_confint(found.mean * count, count, alpha=2 * stats.norm.sf(z), method="wilson")
    interval = statistics.panel_interval(right)
    assert (interval.low, interval.high) == pytest.approx((low, high))


def test_panel_interval_holds_the_truth_in_about_95_of_100_quizzes():
    random, held = np.random.default_rng(3), 0
    for _ in range(400):
        share = 0.75 + random.normal(0, 0.08, (6, 1)) + random.normal(0, 0.1, 40)
        interval = statistics.panel_interval((random.random((6, 40)) < share).astype(float))
        held += interval.low < 0.748 < interval.high  # 0.748: shares above 1 are cut off
    assert held / 400 > 0.92


def test_panel_interval_is_wider_than_that_of_readers_alone():
    right = np.tile((np.random.default_rng(0).random(12) < 0.6).astype(float), (20, 1))
    interval = statistics.panel_interval(right)
    assert interval.high - interval.low > 0.3  # readers agree fully, so only the questions vary


@pytest.mark.parametrize("readers", [1, 3, 20])
@pytest.mark.parametrize("right", [0.0, 1.0])
def test_a_panel_that_is_always_right_or_never_gets_wilsons_interval_of_the_questions(right, readers):
    interval = statistics.panel_interval(np.full((readers, 40), right))
    assert interval == statistics.wilson_interval(round(40 * right), 40)


def test_panel_interval_of_nobody_is_refused():
    with pytest.raises(ValueError, match="at least one answer"):
        statistics.panel_interval(np.empty((0, 4)))
