"""What held-out cases say of stated probabilities and of leads."""

import numpy as np
import pytest

from microdb.statistics import capped, ceiling, leads, small_lead


def test_the_ceiling_is_laplaces_rule_of_succession():
    assert ceiling(34) == 35 / 36
    assert ceiling(0) == ceiling(None) == 0.9


def test_a_certain_answer_is_capped_and_keeps_sum_and_order():
    shown = capped({"a": 0.999, "b": 0.001, "c": 0.0}, 18)
    assert shown["a"] == pytest.approx(19 / 20)
    assert sum(shown.values()) == pytest.approx(1)
    assert shown["a"] > shown["b"] > shown["c"] > 0


def test_probabilities_below_the_ceiling_stay_and_capping_twice_changes_nothing():
    given = {"a": 0.7, "b": 0.3}
    assert capped(given, 100) == given
    once = capped({"a": 1.0, "b": 0.0}, 5)
    assert capped(once, 5) == pytest.approx(once)


def test_two_classes_are_never_drawn_past_equal_probabilities():
    assert capped({"a": 1.0}, None) == {"a": 1.0}
    assert min(capped({"a": 1.0, "b": 0.0}, 1).values()) == pytest.approx(1 / 3)


def test_the_lead_is_that_of_the_first_over_the_second():
    names, lead = leads({"a": 0.2, "b": 0.5, "c": 0.3})
    assert names == ["b", "c"]
    assert lead == pytest.approx(0.2)


def test_a_small_lead_is_the_largest_below_which_fewer_than_a_half_are_right():
    lead = np.linspace(0.01, 1, 100)
    right = lead > 0.2
    found = small_lead(lead, right)
    slow = max(one for one in lead[9:] if right[lead <= one].mean() < 1 / 2)
    assert found == pytest.approx(min(slow, 0.5))


def test_few_held_out_cases_and_perfect_ones_have_bounds():
    assert small_lead(np.zeros(0), np.zeros(0, bool)) == 0.2
    many = np.linspace(0, 1, 50)
    assert small_lead(many, np.ones(50, bool)) == 0.05
    assert small_lead(many, np.zeros(50, bool)) == 0.5
