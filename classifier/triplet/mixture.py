"""One Gaussian per class over the descriptors, and the log-likelihood under which a crop is none of these.

The paper fits scikit-learn's GaussianMixture at the class centres. The labels are known, so each Gaussian is fitted to
its own class: deterministic, and within a point of EM started at the class means. As there, a component of the recipe
"paper" weighs as much as its class has micrographs; in "pretrained" all weigh alike. Several mixtures, each with
descriptors of its own, can speak as a ensemble.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.arrays import Floats

FLOOR = 1e-4
"""Added to each variance: descriptors that coincide must not make a component infinitely sharp."""


@dataclass(frozen=True)
class Mixture:
    """Means (k, d), covariances (k, d, d), weights (k,) that add up to 1, and the log-likelihood threshold.

    `centre` and `spread` describe the log-likelihood of the training crops (median, and median minus the lowest tenth):
    the unit in which a threshold moves from one fit to another. `temperature` flattens the posterior (Guo et al., On
    calibration of modern neural networks, 2017): Gaussians of a hundred micrographs are surer than they are right.
    """

    means: Floats
    covariances: Floats
    weights: Floats
    threshold: float = -np.inf
    centre: float = 0.0
    spread: float = 1.0
    temperature: float = 1.0

    @classmethod
    def fit(cls, descriptors: Floats, labels: NDArray[np.int64], counts: Sequence[int], shrinkage: float) -> "Mixture":
        """Fit to descriptors (n, d) with labels 0..k-1, each class present; covariances are drawn to the pooled one.

        `counts` (k,) are what the components weigh beside each other.
        """
        x = np.asarray(descriptors, np.float64)
        groups = [x[labels == label] for label in range(int(labels.max()) + 1)]
        means = np.stack([group.mean(0) for group in groups])
        own = np.stack([_covariance(group) for group in groups])
        pooled = own.mean(0)
        covariances = (1 - shrinkage) * own + shrinkage * pooled + FLOOR * np.eye(x.shape[1])
        fitted = cls(means, covariances, np.array(counts, np.float64) / sum(counts))
        likelihood = fitted.log_likelihood(x)
        centre = float(np.median(likelihood))
        return replace(fitted, centre=centre, spread=max(1e-6, centre - float(np.quantile(likelihood, 0.1))))

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
        return softened(self.component_log_likelihood(descriptors), self.temperature)

    def crop_probabilities(self, descriptors: Floats) -> Floats:
        """Per crop the class probabilities, or all of it on none of these, (n, k + 1) with rows that add up to 1."""
        rejected = self.log_likelihood(descriptors) < self.threshold
        return np.column_stack((self.posterior(descriptors) * ~rejected[:, None], rejected.astype(np.float64)))

    def standardised_likelihood(self, log_likelihood: Floats) -> Floats:
        """Log-likelihoods as spreads above (mostly: below) the centre of this fit's training crops."""
        return (log_likelihood - self.centre) / self.spread

    def standardised_threshold(self) -> float:
        """The threshold in the same unit."""
        return float(self.standardised_likelihood(np.array(self.threshold)))

    def with_standardised_threshold(self, spreads: float) -> "Mixture":
        """The same mixture with the threshold that another fit measured."""
        return replace(self, threshold=self.centre + spreads * self.spread)


def softened(components: Floats, temperature: float) -> Floats:
    """The posterior (n, k) of component log-likelihoods (n, k) at a temperature."""
    flat = components / temperature
    return np.exp(flat - _log_sum_exp(flat)[:, None])


def choose_temperature(components: Sequence[Floats], labels: Sequence[int]) -> float:
    """The temperature at which the averages over held-out micrographs' crops give their true labels the largest
    likelihood, of component log-likelihoods (n, k), one array per micrograph."""

    def loss(temperature: float) -> float:
        means = [softened(rows, temperature).mean(0)[label] for rows, label in zip(components, labels, strict=True)]
        return -float(np.log(np.maximum(means, 1e-12)).sum())

    return min(np.geomspace(0.5, 64, 50).tolist(), key=loss)


def _covariance(group: Floats) -> Floats:
    centred = group - group.mean(0)
    return centred.T @ centred / len(group)


def _log_sum_exp(values: Floats) -> Floats:
    top = values.max(1)
    return top + np.log(np.exp(values - top[:, None]).sum(1))
