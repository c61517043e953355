"""The log-likelihood threshold of none of these, chosen on held-out micrographs.

The log-likelihood of a Gaussian is, up to a constant, minus half the squared Mahalanobis distance.
"""

from collections.abc import Sequence

import numpy as np

from classifier.arrays import Floats


def choose_threshold(likelihoods: Sequence[Floats], posteriors: Sequence[Floats], false_rejection: float) -> float:
    """The highest threshold that calls at most that share of known held-out micrographs none of these.

    `likelihoods` (n,) and `posteriors` (n, k) of the crops, one of each per micrograph.
    """
    turning = sorted(critical_threshold(*pair) for pair in zip(likelihoods, posteriors, strict=True))
    return turning[min(int(false_rejection * len(turning)), len(turning) - 1)]


def critical_threshold(likelihood: Floats, posterior: Floats) -> float:
    """The highest threshold at which the average over the crops still names a class.

    Raising the threshold rejects crops in the order of their likelihood; the image turns when the share of rejected
    crops exceeds the largest average class probability of the rest.
    """
    order = np.argsort(likelihood, kind="stable")
    kept = posterior[order]
    remaining = kept.sum(0) - np.cumsum(kept, axis=0)
    turned = np.arange(1, len(order) + 1) > remaining.max(1)
    return float(likelihood[order][int(np.argmax(turned))])
