import numpy as np
import pytest
from scipy import stats

from microdb.statistics.paired import paired_difference


def pairs(both, only_first, only_second, neither):
    first = np.repeat([True, True, False, False], [both, only_first, only_second, neither])
    second = np.repeat([True, False, True, False], [both, only_first, only_second, neither])
    return first, second


def test_ungrouped_pairs_have_the_interval_of_agresti_and_min():
    first, second = pairs(40, 5, 17, 38)
    found = paired_difference(first, second, np.arange(100))
    n, b, c = 102, 5.5, 17.5
    centre = (c - b) / n
    variance = ((b + c) - (b - c) ** 2 / n) / n**2
    reach = stats.t.ppf(0.975, 101) * np.sqrt(variance * 102 / 101)
    assert found.difference == pytest.approx(0.12)
    assert (found.interval.low, found.interval.high) == pytest.approx((centre - reach, centre + reach))


def test_pairs_that_always_agree_leave_a_difference_possible():
    first, second = pairs(20, 0, 0, 5)
    found = paired_difference(first, second, np.arange(25))
    assert found.difference == 0
    assert found.interval.low < -0.05 < 0.05 < found.interval.high
    assert found.p == 1


def test_rows_of_few_groups_count_for_less_than_rows_of_many():
    first, second = pairs(40, 0, 20, 40)
    alone = paired_difference(first, second, np.arange(100))
    grouped = paired_difference(first, second, np.arange(100) // 20)
    assert grouped.interval.high - grouped.interval.low > 2 * (alone.interval.high - alone.interval.low)
    assert grouped.p > alone.p


def test_the_interval_holds_the_difference_of_drawn_versions_about_as_often_as_it_says():
    random = np.random.default_rng(7)
    held = 0
    for _round in range(1000):
        groups = np.repeat(np.arange(30), random.integers(1, 8, 30))
        ease = random.beta(2, 2, (30, 2))[groups] * 0.6 + [0.1, 0.25]
        right = random.random((len(groups), 2)) < ease
        found = paired_difference(right[:, 0], right[:, 1], groups)
        held += found.interval.low <= 0.15 <= found.interval.high
    assert 0.93 <= held / 1000 <= 0.98


def test_without_rows_there_is_nothing_to_compare():
    with pytest.raises(ValueError, match="no rows"):
        paired_difference(np.array([], bool), np.array([], bool), np.array([], int))
