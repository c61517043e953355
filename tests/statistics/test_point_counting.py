"""Area fractions after ASTM E562."""

import numpy as np
import pytest
from scipy import stats

from microdb.statistics import area_fraction


def test_the_interval_is_students_t_over_the_fields():
    shares = np.array([0.12, 0.20, 0.16, 0.24, 0.08])
    found = area_fraction(shares)
    low, high = stats.t.interval(0.95, 4, loc=shares.mean(), scale=stats.sem(shares))
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high))
    assert found.half_width == pytest.approx((high - low) / 2)
    assert found.relative_accuracy == pytest.approx((high - low) / 2 / 0.16)
    assert (found.fields, found.deviation) == (5, pytest.approx(shares.std(ddof=1)))


def test_the_interval_stays_between_nothing_and_everything():
    found = area_fraction(np.array([0.0, 0.0, 0.3]))
    assert found.interval.low == 0
    assert found.half_width > found.mean


@pytest.mark.parametrize("shares", [[0.4], [0.0, 0.0, 0.0]])
def test_fields_that_tell_nothing_of_their_spread_have_no_interval(shares):
    found = area_fraction(np.array(shares))
    assert found.mean == shares[0]
    assert found.interval is found.half_width is found.relative_accuracy is None


def test_the_interval_covers_the_fraction_of_drawn_fields():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(1000):
        found = area_fraction(rng.beta(6, 14, size=8))
        covered += found.interval.low <= 0.3 <= found.interval.high
    assert 930 <= covered <= 970
