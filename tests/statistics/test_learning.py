"""What more examples are expected to bring."""

import pytest

from microdb.statistics import expected_gain


def test_an_error_that_halves_with_twice_the_examples_halves_again():
    assert expected_gain(0.1, 0.2, count=40, fewer=20, more=40) == pytest.approx(0.05)


def test_the_gain_follows_the_power_law_between_the_measured_points():
    error = {count: 0.8 * count**-0.35 for count in (30, 60, 80)}
    assert expected_gain(error[60], error[30], 60, 30, 20) == pytest.approx(error[60] - error[80])


@pytest.mark.parametrize(("error", "with_fewer"), [(0.1, 0.1), (0.2, 0.1), (0.0, 0.3)])
def test_nothing_is_promised_where_fewer_examples_were_no_worse(error: float, with_fewer: float):
    assert expected_gain(error, with_fewer, 40, 20, 20) == 0.0


@pytest.mark.parametrize(("count", "fewer"), [(20, 20), (20, 30), (20, 0)])
def test_impossible_counts_are_refused(count: float, fewer: float):
    with pytest.raises(ValueError, match="not between"):
        expected_gain(0.1, 0.2, count, fewer, 20)
