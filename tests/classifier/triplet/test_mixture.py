"""The Gaussians and the threshold, against scipy, scikit-learn and a search by hand."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture

from classifier.triplet.mixture import VARIANCE_FLOOR, Mixture, choose_temperature
from classifier.triplet.threshold import choose_threshold, critical_threshold

COUNTS = [200, 150, 40]


def clouds(rng: np.random.Generator, dimensions: int = 2) -> tuple[np.ndarray, np.ndarray]:
    labels = np.repeat([0, 1, 2], COUNTS)
    centres = np.pad([[0.0, 0.0], [7.0, 0.0], [0.0, 8.0]], ((0, 0), (0, dimensions - 2)))
    return centres[labels] + rng.normal(size=(len(labels), dimensions)) * (1 + 0.3 * labels[:, None]), labels


@pytest.mark.parametrize("dimensions", [2, 5])
def test_log_likelihood_is_that_of_scipy(rng, dimensions):
    x, labels = clouds(rng, dimensions)
    mixture = Mixture.fit(x, labels, COUNTS, shrinkage=0.7)
    components = zip(COUNTS, mixture.means, mixture.covariances, strict=True)
    density = sum(count / 390 * multivariate_normal(mean, covariance).pdf(x) for count, mean, covariance in components)
    np.testing.assert_allclose(mixture.log_likelihood(x), np.log(density), rtol=1e-6)


def test_covariances_are_drawn_to_the_pooled_one(rng):
    x, labels = clouds(rng)
    own = np.stack([np.cov(x[labels == k].T, bias=True) for k in range(3)])
    fitted = Mixture.fit(x, labels, COUNTS, shrinkage=0.7).covariances
    np.testing.assert_allclose(fitted, 0.3 * own + 0.7 * own.mean(0) + VARIANCE_FLOOR * np.eye(2), rtol=1e-9)


def test_posterior_agrees_with_a_mixture_started_at_the_class_means(rng):
    x, labels = clouds(rng)
    mixture = Mixture.fit(x, labels, COUNTS, shrinkage=0.0)
    peer = GaussianMixture(3, means_init=mixture.means, random_state=0).fit(x)
    assert (mixture.posterior(x).argmax(1) == peer.predict(x)).mean() > 0.99


def test_crop_probabilities_add_up_and_reject_far_crops(rng):
    x, labels = clouds(rng)
    mixture = Mixture.fit(x, labels, COUNTS, 0.7).with_standardised_threshold(-3)
    probabilities = mixture.crop_probabilities(np.vstack([x, [[1e4, -1e4]]]))
    np.testing.assert_allclose(probabilities.sum(1), 1)
    assert probabilities[-1].tolist() == [0, 0, 0, 1]
    assert probabilities[:-1, -1].mean() < 0.2


def test_threshold_moves_in_spreads(rng):
    x, labels = clouds(rng)
    mixture = Mixture.fit(x, labels, COUNTS, 0.7).with_standardised_threshold(-2.5)
    assert mixture.standardised_threshold() == pytest.approx(-2.5)
    assert mixture.threshold == pytest.approx(mixture.location - 2.5 * mixture.dispersion)


def image_is_rejected(likelihood: np.ndarray, posterior: np.ndarray, threshold: float) -> bool:
    kept = likelihood >= threshold
    return bool((~kept).mean() > (posterior * kept[:, None]).mean(0).max())


def test_an_image_turns_to_none_of_these_just_above_its_turning_point(rng):
    for _ in range(20):
        likelihood = rng.normal(size=30)
        posterior = rng.dirichlet(np.ones(4), size=30)
        turning = critical_threshold(likelihood, posterior)
        assert not image_is_rejected(likelihood, posterior, turning)
        assert image_is_rejected(likelihood, posterior, np.nextafter(turning, np.inf))


def test_threshold_rejects_no_more_known_images_than_allowed(rng):
    likelihoods = [rng.normal(loc=level, size=50) for level in rng.normal(size=40)]
    posteriors = [rng.dirichlet(np.ones(3), size=50) for _ in likelihoods]
    threshold = choose_threshold(likelihoods, posteriors, 0.1)
    rejected = sum(image_is_rejected(*pair, threshold) for pair in zip(likelihoods, posteriors, strict=True))
    higher = sum(image_is_rejected(*pair, threshold + 1e-9) for pair in zip(likelihoods, posteriors, strict=True))
    assert rejected == 4
    assert higher == 5


def test_coinciding_descriptors_still_make_a_mixture():
    mixture = Mixture.fit(np.array([[0.0, 0.0]] * 4 + [[1.0, 1.0]] * 4), np.repeat([0, 1], 4), [2, 2], 0.7)
    assert np.isfinite(mixture.log_likelihood(np.array([[0.5, 0.5]]))).all()


def test_the_temperature_is_the_one_of_the_largest_likelihood(rng):
    labels = rng.integers(0, 3, size=80)
    # Components that are right on average but four times too sure
    sound = [rng.normal(size=(1, 3)) + 1.5 * np.eye(3)[label] for label in labels]
    shares = [np.exp(row) / np.exp(row).sum() for row in sound]
    truth = [int(rng.choice(3, p=share[0])) for share in shares]
    assert 2.5 < choose_temperature([4 * row for row in sound], truth) < 7
