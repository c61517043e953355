"""The log-likelihood threshold of none of these, chosen on held-out micrographs.

For a Gaussian, a log-likelihood threshold is a Mahalanobis distance threshold: the log-likelihood is a constant minus
half of the squared distance.
"""

from collections.abc import Sequence

import numpy as np

from classifier.arrays import Floats


def choose_threshold(likelihoods: Sequence[Floats], posteriors: Sequence[Floats], false_rejection: float) -> float:
    """The highest threshold that calls at most a share `false_rejection` of known micrographs none of these.

    `likelihoods` (n,) and `posteriors` (n, k) of the crops, one of each per held-out micrograph.
    """
    critical = sorted(critical_threshold(*pair) for pair in zip(likelihoods, posteriors, strict=True))
    return critical[min(int(false_rejection * len(critical)), len(critical) - 1)]


def critical_threshold(likelihood: Floats, posterior: Floats) -> float:
    """The highest threshold at which the average over one micrograph's crops still names a class.

    Raising the threshold rejects crops in the order of their likelihood (n,). The micrograph becomes none of these when
    the share of rejected crops exceeds the largest average posterior (n, k) of the others.
    """
    order = np.argsort(likelihood, kind="stable")
    kept = posterior[order]
    remaining = kept.sum(0) - np.cumsum(kept, axis=0)
    rejected = np.arange(1, len(order) + 1) > remaining.max(1)
    return float(likelihood[order][int(np.argmax(rejected))])
