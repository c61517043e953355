"""What to compare an accuracy with: the best constant answer, and the scale alone."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

OCTAVES = 1.0
"""Standard deviation of the Gaussian that weighs votes in the scale-only control, in doublings of the scale."""


def best_constant_accuracy(labels: Sequence[str]) -> float | None:
    """The accuracy of the answer that is right most often if it is always the same; None without labels.

    The commonest label of the training set is no such answer: in folds that keep specimens together, a class that is
    common in the rest is often rare in the fold.
    """
    return max(Counter(labels).values()) / len(labels) if labels else None


def scale_only_predictions(
    training_labels: Sequence[str], training_scales: Sequence[float], scales: Sequence[float]
) -> list[str]:
    """Predictions from the scale alone, in pixels per micrometre.

    Every training micrograph votes for its class, weighted by a Gaussian of the distance in log2 scale. It was the most
    accurate of the scale-only classifiers tried on UHCS.
    """
    labels, log2_scales = np.array(training_labels), np.log2(np.array(training_scales, dtype=float))
    classes = sorted(set(training_labels))
    predictions = []
    for scale in scales:
        weight = np.exp(-0.5 * ((log2_scales - np.log2(scale)) / OCTAVES) ** 2)
        votes = [float(weight[labels == name].sum()) for name in classes]
        predictions.append(classes[votes.index(max(votes))])
    return predictions
