"""Calibrated class probabilities."""

import numpy as np
import pytest

from classifier.quality.posterior import Calibration


def test_no_class_gets_more_than_laplace_allows_and_none_gets_nothing():
    certain = np.array([1.0, 0.0, 0.0])
    found = Calibration(1.0, 18).apply(certain)
    assert found[0] == pytest.approx(1 - 1 / 20)
    assert found.min() > 0
    assert found.sum() == pytest.approx(1)


def test_an_exponent_of_one_without_a_limit_changes_nothing(rng):
    posteriors = rng.dirichlet([1, 1, 1], 5)
    np.testing.assert_allclose(Calibration().apply(posteriors), posteriors)


@pytest.mark.parametrize("exponent", [0.7, 1.0, 2.0])
def test_the_exponent_that_distorted_the_probabilities_is_found(rng, exponent):
    true = rng.dirichlet([1, 1, 1], 4000)
    labels = [int(rng.choice(3, p=row)) for row in true]
    distorted = true ** (1 / exponent)
    distorted /= distorted.sum(1, keepdims=True)
    assert Calibration.fit(distorted, labels).exponent == pytest.approx(exponent, abs=0.12)


def test_the_order_of_the_classes_is_kept(rng):
    posteriors = rng.dirichlet([1, 1, 1, 1], 50)
    found = Calibration(2.2, 30).apply(posteriors)
    np.testing.assert_array_equal(found.argsort(1), posteriors.argsort(1))
