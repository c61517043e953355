"""Student's t, against scipy."""

import pytest
from scipy import stats

from microdb.statistics import student


@pytest.mark.parametrize("freedom", [0.5, 1, 2.3, 4, 13.7, 35, 400, 5000])
@pytest.mark.parametrize("t", [-3.1, 0.0, 0.1, 1.0, 2.6, 9.0])
def test_tail_probabilities_agree_with_scipy(t, freedom):
    assert student.two_sided_p(t, freedom) == pytest.approx(2 * stats.t.sf(abs(t), freedom), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("freedom", [1, 2, 7.5, 60, 3000])
@pytest.mark.parametrize("level", [0.4, 0.05, 0.001, 1e-20])
def test_critical_values_agree_with_scipy(level, freedom):
    assert student.critical(level, freedom) == pytest.approx(stats.t.isf(level / 2, freedom), rel=1e-8)
