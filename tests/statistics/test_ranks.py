"""Places among readers, and the best of many."""

import numpy as np
import pytest
from scipy import stats

from microdb import statistics

NAN = float("nan")


def test_the_place_counts_the_readers_with_more_right_answers():
    model = np.array([1.0] * 20 + [0.0] * 10)
    readers = np.array([[1.0] * 30, [1.0] * 25 + [0.0] * 5, [0.0] * 30, [1.0] * 20 + [0.0] * 10])
    rank = statistics.rank_among(model, readers)
    assert (rank.place, rank.of) == (3, 5)
    # 10 against 0 and 20 against 0 are significant for four readers, 5 against 0 is not.
    assert (rank.low, rank.high) == (2, 4)


def test_few_questions_leave_every_place_open():
    rank = statistics.rank_among(np.ones(4), np.zeros((10, 4)))
    assert (rank.place, rank.low, rank.high) == (1, 1, 11)


def test_a_reader_is_compared_on_the_questions_that_both_answered():
    rank = statistics.rank_among(np.array([1.0, 0.0, 0.0]), np.array([[0.0, NAN, NAN]]))
    assert rank.place == 1


def test_the_best_of_many_by_chance_agrees_with_drawn_readers():
    drawn = stats.binom(36, 0.73).rvs((20_000, 21), random_state=1).max(axis=1) / 36
    assert statistics.best_by_chance(21, 36, 0.73) == pytest.approx(drawn.mean(), abs=0.002)
    assert statistics.best_by_chance(1, 36, 0.73) == pytest.approx(0.73)
    assert statistics.best_by_chance(5, 10, 1.0) == pytest.approx(1.0)
