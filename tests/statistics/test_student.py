"""Student's t, against scipy."""

import pytest
from scipy import stats

from microdb.statistics import student


@pytest.mark.parametrize("freedom", [0.5, 1, 2.3, 4, 13.7, 35, 400, 5000])
@pytest.mark.parametrize("t", [-3.1, 0.0, 0.1, 1.0, 2.6, 9.0])
def test_tail_probabilities_agree_with_scipy(t, freedom):
    assert student.two_sided_p(t, freedom) == pytest.approx(2 * stats.t.sf(abs(t), freedom), rel=1e-9, abs=1e-15)
    assert student.upper_p(t, freedom) == pytest.approx(stats.t.sf(t, freedom), rel=1e-9)


@pytest.mark.parametrize("freedom", [0.8, 1, 2, 7.5, 60, 3000])
@pytest.mark.parametrize("confidence", [0.6, 0.95, 0.99])
def test_quantiles_agree_with_scipy(confidence, freedom):
    wanted = stats.t.ppf((1 + confidence) / 2, freedom)
    assert student.quantile(confidence, freedom) == pytest.approx(wanted, rel=1e-8)
