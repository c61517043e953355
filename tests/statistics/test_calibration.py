"""Confidence, teams, time and planning, against slow recomputation, scipy, sklearn and statsmodels."""

import itertools

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import brier_score_loss
from statsmodels.stats.power import NormalIndPower

from microdb import statistics


def test_a_reliability_diagram_has_every_answer_once_in_its_bin():
    confidence = np.array([0.0, 0.05, 0.2, 0.2, 0.95, 1.0])
    right = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    bins = statistics.reliability(confidence, right)
    assert [one.count for one in bins] == [2, 2, 2]
    assert [one.confidence for one in bins] == pytest.approx([0.025, 0.2, 0.975])
    assert [one.right for one in bins] == [0.5, 0.5, 1.0]
    assert bins[0].interval == statistics.wilson_interval(1, 2)


def test_the_calibration_error_weighs_bins_by_their_answers():
    bins = statistics.reliability(np.array([0.9, 0.9, 0.9, 0.1]), np.array([1.0, 0.0, 0.0, 0.0]))
    assert statistics.calibration_error(bins) == pytest.approx((3 * (0.9 - 1 / 3) + 1 * 0.1) / 4)


def test_the_brier_score_agrees_with_sklearn():
    random = np.random.default_rng(0)
    confidence, right = random.random(50), random.integers(0, 2, 50).astype(float)
    assert statistics.brier_score(confidence, right) == pytest.approx(brier_score_loss(right, confidence))


def test_a_vote_earns_its_share_of_a_tie_and_nothing_without_votes():
    shares = np.array([[3.0, 1.0, 0.0], [2.0, 2.0, 1.0], [0.0, 0.0, 0.0], [1.0, 5.0, 0.0]])
    assert statistics.vote_credit(shares, np.array([0, 1, 0, 0])).tolist() == [1.0, 0.5, 0.0, 0.0]


def test_the_deferral_curve_goes_from_the_model_to_the_people_by_least_confidence():
    confidence = np.array([0.9, 0.2, 0.6])
    model, people = np.array([1.0, 0.0, 0.0]), np.array([0.5, 0.8, 0.7])
    curve = statistics.deferral_curve(confidence, model, people)
    assert [share for share, _accuracy in curve] == pytest.approx([0, 1 / 3, 2 / 3, 1])
    by_hand = [1.0 / 3, (1 + 0.8) / 3, (1 + 0.8 + 0.7) / 3, (0.5 + 0.8 + 0.7) / 3]
    assert [accuracy for _share, accuracy in curve] == pytest.approx(by_hand)


def test_the_share_interval_agrees_with_a_bootstrap_drawn_one_by_one():
    credits = np.array([1.0, 0.5, 0.0, 1.0, 1.0, 0.0, 1.0, 0.2])
    random = np.random.default_rng(9)
    means = [random.choice(credits, len(credits)).mean() for _ in range(4000)]
    interval = statistics.share_interval(credits)
    assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])), abs=0.03)


def test_spearman_agrees_with_scipy_also_with_ties_and_with_all_orders_counted_out():
    first, second = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0]), np.array([2.0, 7.0, 1.0, 8.0, 2.0, 1.0])
    rho, p = statistics.spearman(first, second)
    assert rho == pytest.approx(stats.spearmanr(first, second).statistic)
    orders = [abs(stats.spearmanr(first, order).statistic) for order in itertools.permutations(second)]
    assert p == pytest.approx(np.mean(np.array(orders) >= abs(rho) - 1e-9), abs=0.02)
    assert statistics.spearman(np.ones(6), second) is None
    assert statistics.spearman(first[:3], second[:3]) is None


def test_the_papers_difference_of_8_points_needs_225_images():
    assert statistics.questions_needed(0.08, panel=0.73) == 225


def test_planning_agrees_with_statsmodels_where_its_model_is_the_same():
    # Equal variances: the panel's share p and the model's 1 - p, taken as one sample of unit variance.
    panel, difference = 0.4, 0.2
    effect = difference / np.sqrt(panel * (1 - panel))
    wanted = NormalIndPower(ddof=0).solve_power(effect, alpha=0.05, power=0.8, ratio=0)
    assert statistics.questions_needed(difference, panel=panel) == pytest.approx(wanted, abs=1)


def test_the_smallest_difference_is_what_so_many_questions_show():
    difference = statistics.smallest_difference(225, panel=0.73)
    assert difference == pytest.approx(0.08)
    assert statistics.questions_needed(difference - 0.001, panel=0.73) > 225
    assert statistics.smallest_difference(3, panel=0.73, readers=20) is None


def test_a_quiz_of_the_planned_size_shows_the_difference_in_about_four_of_five_simulations():
    panel, difference, readers = 0.6, 0.25, 10
    questions = statistics.questions_needed(difference, panel=panel, readers=readers)
    random, found = np.random.default_rng(4), 0
    for _ in range(200):
        ease = np.clip(random.normal(panel, 0.2, questions), 0, 1)
        people = (random.random((readers, questions)) < ease).astype(float)
        model = (random.random(questions) < panel + difference).astype(float)
        found += statistics.permutation_p(model, people, permutations=500) < 0.05
    assert 0.7 < found / 200 < 0.92


@pytest.mark.parametrize(("difference", "panel"), [(0, 0.7), (-0.1, 0.7), (0.4, 0.7), (0.1, 0), (0.1, 1)])
def test_impossible_plans_are_refused(difference, panel):
    with pytest.raises(ValueError, match="were given"):
        statistics.questions_needed(difference, panel=panel)
