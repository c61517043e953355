"""Held-out specimens: which micrographs to hold out of a training, and the metrics on them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.arrays import Floats
from classifier.quality.controls import best_constant_accuracy
from classifier.quality.metrics import calibration, summary
from classifier.samples import FEWEST_PER_CLASS, NONE_OF_THESE


def held_out_metrics(
    classes: Sequence[str], actual: Sequence[str], probabilities: Floats, by_scale: Sequence[str]
) -> dict[str, Any]:
    """Metrics of the probabilities (n, k + 1), and the accuracies of the best constant answer (`majority`) and of the n
    predictions from the scale alone (`scale_only`); JSON-able."""
    outcomes = [*classes, NONE_OF_THESE]
    predicted = [outcomes[index] for index in probabilities.argmax(1)]
    closed_set = [outcomes[index] for index in probabilities[:, :-1].argmax(1)]
    correct = [label == prediction for label, prediction in zip(actual, predicted, strict=True)]
    return {
        "held_out": len(actual),
        **summary(actual, predicted, classes),
        "accuracy_without_none_of_these": summary(actual, closed_set, classes)["accuracy"],
        "majority": best_constant_accuracy(actual),
        "scale_only": summary(actual, by_scale, classes)["accuracy"],
        "calibration": calibration(probabilities.max(1).tolist(), correct),
    }


def hold_out(
    labels: Sequence[str], specimens: Sequence[str], share: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Which micrographs to hold out (n,): whole specimens, about `share` of each class.

    If no specimen of a class is that small, one of up to half the class is held out. At least two images of every class
    stay for training, even if then none of the class is held out.
    """
    groups: dict[str, list[int]] = {}
    for index, specimen in enumerate(specimens):
        groups.setdefault(specimen, []).append(index)
    total, held = Counter(labels), Counter[str]()
    out = np.zeros(len(labels), np.bool_)
    order = [list(groups)[index] for index in rng.permutation(len(groups))] if share > 0 else []
    for generous in (False, True):
        for name in order:
            if out[groups[name][0]]:
                continue
            inside = Counter(labels[index] for index in groups[name])
            limit = {c: max(1, (0.5 if generous and not held[c] else share) * total[c]) for c in inside}
            if all(held[c] + n <= limit[c] and total[c] - held[c] - n >= FEWEST_PER_CLASS for c, n in inside.items()):
                out[groups[name]] = True
                held += inside
    return out
