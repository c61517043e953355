"""Calibration, against slow recomputation and sklearn."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import brier_score_loss
from statsmodels.stats.proportion import proportion_confint

from classifier.quality import metrics
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


def test_model_versions_and_quizzes_have_the_same_calibration():
    random = np.random.default_rng(3)
    confidence, right = random.random(80), random.integers(0, 2, 80)
    classifiers = metrics.calibration(list(confidence), list(right.astype(bool)))
    bins = statistics.reliability(confidence, right.astype(float))
    assert classifiers["expected_calibration_error"] == pytest.approx(statistics.calibration_error(bins))
    assert classifiers["brier"] == pytest.approx(statistics.brier_score(confidence, right.astype(float)))
    table = [(one.confidence, one.right, one.count) for one in bins]
    assert [(row["stated"], row["right"], row["count"]) for row in classifiers["reliability"]] == [
        pytest.approx(row) for row in table
    ]


def test_answers_of_one_reader_count_as_related():
    right = np.repeat([1.0, 0.0, 1.0, 0.0], 25)
    readers = np.repeat(np.arange(4), 25)
    (alone,), (together,) = (statistics.reliability(np.full(100, 0.7), right, who) for who in (None, readers))
    assert together.interval.high - together.interval.low > 2 * (alone.interval.high - alone.interval.low)
    # Four readers who are right always or never are four answers: the ratio estimator's variance by hand.
    variance = 4 / 3 * ((right.reshape(4, 25).sum(axis=1) - 12.5) ** 2).sum() / 100**2
    z = stats.t.ppf(0.975, 3)
    wanted = proportion_confint(0.25 / variance / 2, 0.25 / variance, alpha=2 * stats.norm.sf(z), method="wilson")
    assert (together.interval.low, together.interval.high) == pytest.approx(wanted)


def test_readers_who_are_all_right_count_as_one_answer_each():
    (found,) = statistics.reliability(np.full(60, 0.9), np.ones(60), np.repeat(np.arange(6), 10))
    assert found.interval.low < 0.7
    assert found.interval.high == 1.0


def test_the_calibration_error_by_chance_is_that_of_answers_right_as_often_as_stated():
    random = np.random.default_rng(5)
    confidence = random.random(40)
    errors = []
    for _ in range(2000):
        right = (random.random(40) < confidence).astype(float)
        errors.append(statistics.calibration_error(statistics.reliability(confidence, right)))
    assert statistics.calibration_error_by_chance(confidence) == pytest.approx(np.mean(errors), rel=0.1)
