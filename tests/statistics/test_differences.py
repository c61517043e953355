"""A model against a panel: recomputed with scipy, at the limits, and where there is no difference."""

import numpy as np
import pytest
from scipy import stats

from microdb import statistics
from microdb.statistics import Verdict
from tests.statistics.null_quizzes import type_one_error

NAN = float("nan")


def drawn(seed=0, readers=7, questions=30, model=0.85, panel=0.6):
    random = np.random.default_rng(seed)
    return (random.random(questions) < model) * 1.0, (random.random((readers, questions)) < panel) * 1.0


def test_interval_and_p_agree_with_scipys_t_on_the_two_way_mean_squares():
    model, panel = drawn()
    readers, questions = panel.shape
    half = np.full((readers, 1), np.sqrt(0.5))
    table = np.hstack([model - panel, half, -half])
    columns = questions + 2
    of_readers = columns * np.var(table.mean(axis=1), ddof=1)
    of_questions = readers * np.var(table.mean(axis=0), ddof=1)
    residual = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    rest = (residual**2).sum() / ((readers - 1) * (columns - 1))
    parts = np.array([of_readers, of_questions - rest])
    error = np.sqrt(parts.sum() / table.size)
    found = statistics.difference(model, panel)
    assert found.value == pytest.approx(model.mean() - panel.mean())
    half_width = error * (stats.t.ppf(0.975, [readers - 1, columns - 1]) @ parts) / parts.sum()
    assert found.interval.low == pytest.approx(table.mean() - half_width)
    assert found.interval.high == pytest.approx(table.mean() + half_width)
    critical = stats.t.isf(found.p / 2, [readers - 1, columns - 1]) @ parts / parts.sum()
    assert critical == pytest.approx(table.mean() / error)


def test_the_difference_is_taken_on_the_questions_that_each_reader_answered():
    model, panel = np.array([1.0, 1.0, 0.0, 0.0]), np.array([[1, 0, NAN, NAN], [NAN, NAN, 1.0, 0]])
    found = statistics.difference(model, panel)
    assert (found.model, found.panel, found.value) == pytest.approx((0.5, 0.5, 0.0))


@pytest.mark.parametrize(("right", "readers"), [(1.0, 1), (1.0, 3), (0.0, 20)])
def test_where_everyone_gives_the_same_answers_the_interval_still_has_a_width(right, readers):
    found = statistics.difference(np.full(40, right), np.full((readers, 40), right))
    assert found.p == 1.0
    assert found.interval.low < -0.03
    assert found.interval.high > 0.03


def test_a_model_that_is_always_right_against_a_panel_that_never_is():
    found = statistics.difference(np.ones(21), np.zeros((4, 21)))
    assert found.p < 1e-6
    assert 0.7 < found.interval.low < found.interval.high == 1.0
    assert found.verdict() == Verdict.SUPERIOR


def test_one_question_and_one_reader_show_nothing():
    found = statistics.difference(np.ones(1), np.zeros((1, 1)))
    assert found.verdict() == Verdict.NOTHING
    assert np.isfinite([found.p, found.interval.low, found.interval.high]).all()


def test_the_interval_leaves_out_0_exactly_where_p_is_below_5_per_cent():
    for seed in range(60):
        found = statistics.difference(*drawn(seed, model=0.75))
        assert (found.p < 0.05) == (found.interval.low > 0 or found.interval.high < 0)


def test_a_model_is_non_inferior_where_the_interval_stays_above_minus_the_margin():
    found = statistics.difference(*drawn(3, readers=20, questions=300, model=0.7, panel=0.7))
    margin = 0.1 - found.interval.low
    assert found.verdict(margin) == Verdict.NON_INFERIOR
    assert found.p_of_margin(margin) < 0.025
    assert found.verdict(-found.interval.low - 0.001) == Verdict.NOTHING
    assert found.p_of_margin(-found.interval.low - 0.001) > 0.025


def test_worse_than_the_panel_is_not_called_nothing():
    assert statistics.difference(*drawn(1, questions=200, model=0.3, panel=0.8)).verdict() == Verdict.INFERIOR


@pytest.mark.parametrize(("readers", "questions", "spread"), [(3, 200, 0.1), (5, 36, 0.05), (21, 36, 0.0)])
def test_few_true_null_hypotheses_are_rejected(readers, questions, spread):
    """The whole table is in the module's docstring; 1000 quizzes can be 1.5 points off."""
    random = np.random.default_rng(readers)
    error = type_one_error(
        random, quizzes=1000, readers=readers, questions=questions, spread=spread, ease=0.18, shared=True
    )
    assert error < 0.06
