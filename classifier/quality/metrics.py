"""Metrics of predictions: accuracy with its interval, recall, confusion and calibration."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from classifier.arrays import Floats, Index
from classifier.samples import NONE_OF_THESE

CALIBRATION_BINS = 10
"""Bins of equal width on [0, 1]; the site's reliability diagrams have the same."""
SIMULATED = 1000
"""Draws of right and wrong predictions for the calibration error by chance."""


def wilson_interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's score interval of a proportion, 95 %; (0, 1) for a count of 0."""
    if count == 0:
        return 0.0, 1.0
    from scipy.stats import binomtest  # slow to import, and `score` does without

    interval = binomtest(hits, count).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def summary(actual: Sequence[str], predicted: Sequence[str], classes: Sequence[str]) -> dict[str, Any]:
    """Accuracy, its Wilson interval, recall per class, their mean (balanced accuracy) and the confusion counts.

    The rows of the confusion are actual labels, its columns predicted ones, in the order of `outcomes`.
    """
    outcomes = [*classes, NONE_OF_THESE]
    index = {label: position for position, label in enumerate(outcomes)}
    confusion = np.zeros((len(outcomes), len(outcomes)), int)
    for label, prediction in zip(actual, predicted, strict=True):
        confusion[index[label], index[prediction]] += 1
    counts = confusion.sum(1)
    recall = {label: float(confusion[i, i] / counts[i]) for label, i in index.items() if counts[i]}
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


def calibration(probability: Sequence[float], correct: Sequence[bool]) -> dict[str, Any]:
    """Brier score and expected calibration error of the predictions' probabilities, and the reliability table.

    `expected_by_chance` is the calibration error that perfectly calibrated probabilities would show on average.

    The table has a row for each of the `CALIBRATION_BINS` that is not empty: mean probability (`stated`), share of
    correct predictions (`right`) and `count`.
    """
    stated, right = np.array(probability, dtype=float), np.array(correct, dtype=float)
    bins = np.minimum((stated * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    table = [
        {"stated": float(stated[bins == row].mean()), "right": float(right[bins == row].mean()), "count": int(count)}
        for row, count in zip(*np.unique(bins, return_counts=True), strict=True)
    ]
    gaps = [row["count"] * abs(row["stated"] - row["right"]) for row in table]
    return {
        "brier": float(((stated - right) ** 2).mean()) if table else None,
        "expected_calibration_error": float(sum(gaps) / len(stated)) if table else None,
        "expected_by_chance": _calibration_error_by_chance(stated, bins) if table else None,
        "reliability": table,
    }


def _calibration_error_by_chance(stated: Floats, bins: Index) -> float:
    """The mean calibration error if the stated probabilities were right: what few micrographs leave to chance."""
    drawn = np.random.default_rng(0).random((SIMULATED, len(stated))) < stated
    members = np.eye(CALIBRATION_BINS)[bins]
    gaps = np.abs((drawn - stated) @ members)
    return float(gaps.sum(1).mean() / len(stated))


def rate(hits: int, count: int) -> dict[str, Any]:
    """A share with its Wilson interval and what it counts; JSON-able. The share of nothing is None."""
    share = hits / count if count else None
    return {"hits": hits, "count": count, "share": share, "interval": list(wilson_interval(hits, count))}
