"""Recognising one kind, against scikit-learn and the definition of the interval."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from microdb import statistics


def test_the_curve_and_its_area_agree_with_scikit_learn():
    random = np.random.default_rng(2)
    positive = random.random(40) < 0.3
    scores = np.round(random.random(40) * 0.7 + positive * 0.3, 1)
    found = statistics.roc(scores, positive)
    assert found.area == pytest.approx(roc_auc_score(positive, scores))
    others, kind, _limits = roc_curve(positive, scores, drop_intermediate=False)
    assert found.points == [pytest.approx(pair) for pair in zip(others, kind, strict=True)]


def test_without_the_kind_or_without_others_there_is_no_curve():
    assert statistics.roc(np.array([0.1, 0.2]), np.array([True, True])) is None
    assert statistics.roc(np.array([0.1, 0.2]), np.array([False, False])) is None


@pytest.mark.parametrize(("area", "positives", "negatives"), [(0.8, 6, 30), (0.55, 20, 20), (0.97, 4, 32)])
def test_the_ends_of_the_interval_are_where_the_area_is_just_not_rejected(area, positives, negatives):
    found = statistics.area_interval(area, positives, negatives)
    for true in (found.low, found.high):
        extra = (positives + negatives) / 2 - 1
        spread = 1 + extra * (1 - true) / (2 - true) + extra * true / (1 + true)
        error = np.sqrt(true * (1 - true) * spread / (positives * negatives))
        assert abs(area - true) / error == pytest.approx(1.959964, abs=1e-5)


@pytest.mark.parametrize("area", [0.0, 1.0])
def test_a_perfect_curve_has_an_interval_too(area):
    found = statistics.area_interval(area, 6, 30)
    assert found.low <= area <= found.high
    assert found.high - found.low > 0.1
