"""What an answer is worth: accuracy with its interval, the controls beside it, and honest splits to measure on."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from classifier.samples import NONE_OF_THESE


def wilson_interval(hits: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's score interval of a proportion (1927), 95 % by default; (0, 1) when nothing was counted."""
    if count == 0:
        return 0.0, 1.0
    share = hits / count
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    # The bounds hold the share itself, which rounding may miss by a digit at 0 and 1
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def summary(actual: Sequence[str], predicted: Sequence[str], classes: Sequence[str]) -> dict[str, Any]:
    """Accuracy, its Wilson interval, recall per class, their mean (balanced accuracy) and the confusion counts.

    The confusion's rows are the actual labels, its columns the predicted, in the order of `outcomes`.
    """
    outcomes = [*classes, NONE_OF_THESE]
    place = {label: index for index, label in enumerate(outcomes)}
    confusion = np.zeros((len(outcomes), len(outcomes)), int)
    for truth, answer in zip(actual, predicted, strict=True):
        confusion[place[truth], place[answer]] += 1
    present = [label for label in outcomes if confusion[place[label]].sum()]
    recall = {label: float(confusion[place[label], place[label]] / confusion[place[label]].sum()) for label in present}
    hits, count = int(np.trace(confusion)), len(actual)
    return {
        "accuracy": hits / count if count else None,
        "interval": list(wilson_interval(hits, count)),
        "balanced_accuracy": float(np.mean(list(recall.values()))) if recall else None,
        "per_class_recall": recall,
        "confusion": confusion.tolist(),
        "outcomes": outcomes,
        "count": count,
    }


def calibration(probability: Sequence[float], right: Sequence[bool], bins: int = 5) -> dict[str, Any]:
    """Brier score and expected calibration error of the stated probability of the answer, and a reliability table.

    The error is how far stated and right lie apart in each of the equal bins, weighted by how many are in it.
    """
    stated, hit = np.array(probability, dtype=float), np.array(right, dtype=float)
    place = np.minimum((stated * bins).astype(int), bins - 1)
    table = [
        {"stated": float(stated[place == row].mean()), "right": float(hit[place == row].mean()), "count": int(n)}
        for row in range(bins)
        if (n := (place == row).sum())
    ]
    apart = sum(row["count"] * abs(row["stated"] - row["right"]) for row in table)
    return {
        "brier": float(((stated - hit) ** 2).mean()) if len(stated) else None,
        "expected_calibration_error": float(apart / len(stated)) if len(stated) else None,
        "reliability": table,
    }
