"""The controls that an accuracy is compared with: the commonest class, and the scale alone."""

from collections.abc import Sequence

import numpy as np

OCTAVES = 1.0
"""Reach of a training micrograph's vote in the scale-only control, in doublings of the scale."""


def majority(training_labels: Sequence[str], count: int) -> list[str]:
    """The control that always answers the commonest training label."""
    labels, counts = np.unique(np.array(training_labels), return_counts=True)
    return [str(labels[counts.argmax()])] * count


def scale_only_predictions(
    training_labels: Sequence[str], training_scales: Sequence[float], scales: Sequence[float]
) -> list[str]:
    """The control that sees only the scale: every training micrograph votes for its class, the more the nearer in
    log2 scale (a Gaussian of one octave). Of the look-ups tried on UHCS, the strongest."""
    labels, known = np.array(training_labels), np.log2(np.array(training_scales, dtype=float))
    classes = sorted(set(training_labels))
    answers = []
    for scale in scales:
        weight = np.exp(-0.5 * ((known - np.log2(scale)) / OCTAVES) ** 2)
        votes = [float(weight[labels == name].sum()) for name in classes]
        answers.append(classes[votes.index(max(votes))])
    return answers
