"""Bootstrap intervals, against a bootstrap drawn one by one."""

import numpy as np
import pytest

from microdb import statistics


def test_the_interval_of_a_mean_agrees_with_a_bootstrap_drawn_one_by_one():
    credits = np.array([1.0, 0.5, 0.0, 1.0, 1.0, 0.0, 1.0, 0.2])
    random = np.random.default_rng(9)
    means = [random.choice(credits, len(credits)).mean() for _ in range(4000)]
    interval = statistics.mean_interval(credits)
    assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])), abs=0.03)


def test_credits_that_are_all_alike_get_wilsons_interval_and_not_one_without_width():
    assert statistics.mean_interval(np.ones(40)) == statistics.wilson_interval(40, 40)
    assert statistics.mean_interval(np.zeros(21)) == statistics.wilson_interval(0, 21)
