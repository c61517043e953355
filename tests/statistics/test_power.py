"""Sample sizes, against the paper, statsmodels and simulation."""

from math import ceil
from statistics import NormalDist

import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower

from microdb import statistics


def test_the_papers_difference_of_8_points_needs_226_images():
    normal = NormalDist()
    wanted = normal.inv_cdf(0.975) * np.sqrt(0.73 * 0.27) + normal.inv_cdf(0.8) * np.sqrt(0.81 * 0.19)
    assert statistics.questions_needed(0.08, panel=0.73) == ceil((wanted / 0.08) ** 2) == 226


def test_planning_agrees_with_statsmodels_where_its_model_is_the_same():
    # Equal variances: the panel's share p and the model's 1 - p, taken as one sample of unit variance.
    panel, difference = 0.4, 0.2
    effect = difference / np.sqrt(panel * (1 - panel))
    wanted = NormalIndPower(ddof=0).solve_power(effect, alpha=0.05, power=0.8, ratio=0)
    assert statistics.questions_needed(difference, panel=panel) == pytest.approx(wanted, abs=1)


def test_the_smallest_difference_is_what_so_many_questions_show():
    difference = statistics.smallest_difference(226, panel=0.73)
    assert difference == pytest.approx(0.08)
    assert statistics.questions_needed(difference - 0.001, panel=0.73) > 226
    assert statistics.smallest_difference(3, panel=0.73, readers=20) is None


def test_a_quiz_of_the_planned_size_shows_the_difference_in_about_four_of_five_simulations():
    panel, difference, readers = 0.6, 0.25, 10
    questions = statistics.questions_needed(difference, panel=panel, readers=readers)
    random, found = np.random.default_rng(4), 0
    for _ in range(400):
        share = panel + random.normal(0, 0.2, questions) + random.normal(0, 0.09, (readers, 1))
        people = (random.random((readers, questions)) < share).astype(float)
        model = (random.random(questions) < panel + difference).astype(float)
        found += statistics.difference(model, people).interval.low > 0
    assert 0.75 < found / 400 < 0.93  # the model's answers count as independent of the ease, which asks for more


def test_few_readers_cannot_be_made_up_for_by_questions():
    assert statistics.questions_needed(0.08, panel=0.73, readers=3) is None
    many = [statistics.questions_needed(0.12, panel=0.73, readers=readers) for readers in (15, 20, 40, 1000)]
    assert many == sorted(many, reverse=True)
    assert many[-1] > statistics.questions_needed(0.12, panel=0.73)


@pytest.mark.parametrize(("difference", "panel"), [(0, 0.7), (-0.1, 0.7), (0.4, 0.7), (0.1, 0), (0.1, 1)])
def test_impossible_plans_are_refused(difference, panel):
    with pytest.raises(ValueError, match="were given"):
        statistics.questions_needed(difference, panel=panel)
