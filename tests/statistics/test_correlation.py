"""Rank correlation, against scipy and all orders counted out."""

import itertools

import numpy as np
import pytest
from scipy import stats

from microdb import statistics


def test_spearman_agrees_with_scipy_also_with_ties_and_with_all_orders_counted_out():
    first, second = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0]), np.array([2.0, 7.0, 1.0, 8.0, 2.0, 1.0])
    rho, p = statistics.spearman(first, second)
    assert rho == pytest.approx(stats.spearmanr(first, second).statistic)
    orders = [abs(stats.spearmanr(first, order).statistic) for order in itertools.permutations(second)]
    assert p == pytest.approx(np.mean(np.array(orders) >= abs(rho) - 1e-9), abs=0.02)
    assert statistics.spearman(np.ones(6), second) is None
    assert statistics.spearman(first[:3], second[:3]) is None
