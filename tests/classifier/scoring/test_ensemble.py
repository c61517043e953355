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


def test_a_crop_above_the_ood_threshold_is_none_of_these_whatever_the_members_find(rng):
    labels = np.repeat([0, 1], 50)
    x = rng.normal(size=(100, 2)) + 3 * labels[:, None]
    ensemble = MixtureEnsemble((Mixture.fit(x, labels, [50, 50], 1.0),), ood_threshold=2.0)
    found = ensemble.crop_probabilities(np.column_stack((x, np.where(labels == 0, 2.0, 2.1))))
    assert (found[labels == 0, -1] == 0).all()
    assert (found[labels == 1, -1] == 1).all()
    np.testing.assert_allclose(found.sum(1), 1)
