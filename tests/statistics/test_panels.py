"""Accuracy of panels, against slow recomputation."""

import numpy as np
import pytest

from microdb import statistics

NAN = float("nan")


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
