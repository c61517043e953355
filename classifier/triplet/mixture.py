"""The Gaussian mixture: one Gaussian per class over the descriptors.

The paper fits scikit-learn's GaussianMixture at the class centres. Here the labels are known, so each Gaussian is
fitted to its own class: deterministic, and within a point of EM started at the class means.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.arrays import Floats

VARIANCE_FLOOR = 1e-4
"""Added to each variance, so that descriptors that coincide do not make a component infinitely sharp."""


@dataclass(frozen=True)
class Mixture:
    """Means (k, d), covariances (k, d, d), weights (k,) that add up to 1, and the log-likelihood threshold.

    `location` and `dispersion` standardise log-likelihoods: the median over the training crops, and the median minus
    the 10 % quantile. A standardised threshold can move from one fit to another. `temperature` flattens the posterior
    (Guo et al., On calibration of modern neural networks, 2017).
    """

    means: Floats
    covariances: Floats
    weights: Floats
    threshold: float = -np.inf
    location: float = 0.0
    dispersion: float = 1.0
    temperature: float = 1.0

    @classmethod
    def fit(cls, descriptors: Floats, labels: NDArray[np.int64], counts: Sequence[int], shrinkage: float) -> "Mixture":
        """Fit to descriptors (n, d) with labels 0..k-1, each class present.

        `counts` (k,) are the unnormalised weights. `shrinkage` draws each covariance towards the pooled one.
        """
        x = np.asarray(descriptors, np.float64)
        groups = [x[labels == label] for label in range(int(labels.max()) + 1)]
        means = np.stack([group.mean(0) for group in groups])
        own = np.stack([_covariance(group) for group in groups])
        pooled = own.mean(0)
        covariances = (1 - shrinkage) * own + shrinkage * pooled + VARIANCE_FLOOR * np.eye(x.shape[1])
        fitted = cls(means, covariances, np.array(counts, np.float64) / sum(counts))
        likelihood = fitted.log_likelihood(x)
        location = float(np.median(likelihood))
        dispersion = max(1e-6, location - float(np.quantile(likelihood, 0.1)))
        return replace(fitted, location=location, dispersion=dispersion)

    def component_log_likelihood(self, descriptors: Floats) -> Floats:
        """log(weight N(x; mean, covariance)) of each component, (n, k)."""
        x = np.asarray(descriptors, np.float64)
        columns = []
        for mean, covariance, weight in zip(self.means, self.covariances, self.weights, strict=True):
            lower = np.linalg.cholesky(covariance)
            whitened = np.linalg.solve(lower, (x - mean).T)
            constant = x.shape[1] * np.log(2 * np.pi) / 2 + np.log(np.diag(lower)).sum()
            columns.append(-0.5 * (whitened**2).sum(0) - constant + np.log(weight))
        return np.stack(columns, axis=1)

    def log_likelihood(self, descriptors: Floats) -> Floats:
        """Log-likelihood under the mixture, (n,)."""
        return _log_sum_exp(self.component_log_likelihood(descriptors))

    def posterior(self, descriptors: Floats) -> Floats:
        """Probability of each class given that it is one of them, (n, k)."""
        return tempered_posterior(self.component_log_likelihood(descriptors), self.temperature)

    def crop_probabilities(self, descriptors: Floats) -> Floats:
        """Class probabilities of each crop and, last, of none of these (0 or 1), (n, k + 1); rows add up to 1."""
        rejected = self.log_likelihood(descriptors) < self.threshold
        return np.column_stack((self.posterior(descriptors) * ~rejected[:, None], rejected.astype(np.float64)))

    def standardised(self, log_likelihood: Floats) -> Floats:
        """Log-likelihoods less `location`, in units of `dispersion`."""
        return (log_likelihood - self.location) / self.dispersion

    def standardised_threshold(self) -> float:
        """The threshold in the same unit."""
        return float(self.standardised(np.array(self.threshold)))

    def with_standardised_threshold(self, threshold: float) -> "Mixture":
        """The same mixture with a standardised threshold, as another fit measured it."""
        return replace(self, threshold=self.location + threshold * self.dispersion)


def tempered_posterior(components: Floats, temperature: float) -> Floats:
    """The posterior (n, k) of component log-likelihoods (n, k) at a temperature."""
    scaled = components / temperature
    return np.exp(scaled - _log_sum_exp(scaled)[:, None])


def choose_temperature(components: Sequence[Floats], labels: Sequence[int]) -> float:
    """The temperature with the largest likelihood of the true labels of held-out micrographs.

    A micrograph's posterior is the mean over its crops; `components` has their log-likelihoods (n, k), one array per
    micrograph.
    """

    def loss(temperature: float) -> float:
        means = [
            tempered_posterior(rows, temperature).mean(0)[label] for rows, label in zip(components, labels, strict=True)
        ]
        return -float(np.log(np.maximum(means, 1e-12)).sum())

    return min((float(one) for one in np.geomspace(0.5, 64, 50)), key=loss)


def _covariance(group: Floats) -> Floats:
    centred = group - group.mean(0)
    covariance: Floats = centred.T @ centred / len(group)
    return covariance


def _log_sum_exp(values: Floats) -> Floats:
    top = values.max(1)
    total: Floats = top + np.log(np.exp(values - top[:, None]).sum(1))
    return total
