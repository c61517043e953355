"""The mean over readers and questions, against analysis of variance, pairs counted one by one, and simulation."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from microdb import statistics

NAN = float("nan")


def drawn_table(random, readers=6, questions=20, spread=0.1, ease=0.2, level=0.7):
    share = level + random.normal(0, spread, (readers, 1)) + random.normal(0, ease, questions)
    return (random.random((readers, questions)) < share).astype(float)


def anova(table):
    """Mean squares of readers, questions and rest, by statsmodels."""
    readers, questions = table.shape
    rows = [(r, q, table[r, q]) for r, q in product(range(readers), range(questions))]
    frame = pd.DataFrame(rows, columns=["reader", "question", "right"])
    found = anova_lm(ols("right ~ C(reader) + C(question)", frame).fit())["mean_sq"]
    return found["C(reader)"], found["C(question)"], found["Residual"]


@pytest.mark.parametrize("seed", range(5))
def test_with_all_answers_it_is_the_two_way_analysis_of_variance(seed):
    table = drawn_table(np.random.default_rng(seed))
    readers, questions = table.shape
    of_readers, of_questions, rest = anova(table)
    found = statistics.crossed_mean(table)
    assert found.components.rest == pytest.approx(rest)
    assert found.components.reader == pytest.approx((of_readers - rest) / questions)
    assert found.components.question == pytest.approx((of_questions - rest) / readers)
    assert of_questions > rest  # else the covariance is taken as 0
    assert found.of_readers == pytest.approx(of_readers / table.size)
    assert found.variance == pytest.approx((of_readers + of_questions - rest) / table.size)


def test_the_critical_value_is_the_mean_of_two_ts_weighted_by_the_parts_of_the_variance():
    found = statistics.crossed_mean(drawn_table(np.random.default_rng(5)))
    t_of_readers, t_of_questions = stats.t.ppf(0.975, [5, 19])
    share = found.of_readers / found.variance
    assert found.critical() == pytest.approx(share * t_of_readers + (1 - share) * t_of_questions)
    assert found.critical(found.p_against(0.6)) == pytest.approx(abs(found.mean - 0.6) / found.standard_error)
    assert found.p_against(found.interval(0.9).low) == pytest.approx(0.1)
    assert 0 < found.p_against(-5.0) < 1e-4


def test_components_of_unequal_numbers_of_answers_are_means_over_pairs_of_answers():
    random = np.random.default_rng(7)
    table = drawn_table(random, readers=4, questions=6)
    table[random.random(table.shape) < 0.3] = NAN
    answers = [(r, q, table[r, q]) for r, q in np.argwhere(~np.isnan(table))]

    def moment(same_reader, same_question):
        pairs = product(answers, answers)
        return np.mean(
            [x * y for (r, q, x), (s, p, y) in pairs if (r == s) == same_reader and (q == p) == same_question]
        )

    one, two, three, four = moment(True, True), moment(True, False), moment(False, True), moment(False, False)
    found = statistics.crossed_mean(table).components
    assert (found.reader, found.question, found.rest) == pytest.approx(
        (two - four, three - four, one - two - three + four)
    )


def test_the_variance_is_that_of_means_drawn_again_and_again_with_unequal_numbers_of_answers():
    random = np.random.default_rng(11)
    there = random.random((5, 30)) < 0.7
    means, variances = [], []
    for _ in range(3000):
        found = statistics.crossed_mean(np.where(there, drawn_table(random, 5, 30), NAN))
        means.append(found.mean)
        variances.append(found.variance)
    assert np.mean(variances) == pytest.approx(np.var(means), rel=0.08)


def test_readers_who_all_say_the_same_leave_the_questions_as_the_only_sample():
    row = (np.random.default_rng(0).random(25) < 0.6).astype(float)
    found = statistics.crossed_mean(np.tile(row, (8, 1)))
    assert found.standard_error == pytest.approx(row.std(ddof=1) / 5)
    assert found.critical() == pytest.approx(stats.t.ppf(0.975, 24))


def test_one_reader_is_no_sample_and_nobody_is_refused():
    found = statistics.crossed_mean(np.array([[1, 0, 1, 1, NAN]]))
    assert found.mean == 0.75
    assert found.variance == pytest.approx(np.var([1, 0, 1, 1], ddof=1) / 4)
    assert found.components.reader is None
    with pytest.raises(ValueError, match="at least one answer"):
        statistics.crossed_mean(np.full((3, 4), NAN))
