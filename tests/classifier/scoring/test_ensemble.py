"""Mixtures that are averaged."""

import numpy as np

from classifier.scoring.ensemble import MixtureEnsemble
from classifier.triplet.mixture import Mixture


def test_the_ensemble_averages_its_members(rng):
    labels = np.repeat([0, 1], 50)
    x = rng.normal(size=(100, 4)) + 3 * labels[:, None]
    members = []
    for columns in (x[:, :2], x[:, 2:]):
        fitted = Mixture.fit(columns, labels, [50, 50], 1.0)
        members.append(fitted.with_standardised_threshold(-1.5))
    ensemble = MixtureEnsemble(tuple(members))
    expected = (members[0].crop_probabilities(x[:, :2]) + members[1].crop_probabilities(x[:, 2:])) / 2
    np.testing.assert_allclose(ensemble.crop_probabilities(x), expected)
    again = MixtureEnsemble.of_arrays(ensemble.arrays())
    np.testing.assert_array_equal(again.crop_probabilities(x), ensemble.crop_probabilities(x))
