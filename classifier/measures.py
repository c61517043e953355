"""What an answer is worth: accuracy with its interval, the controls beside it, and honest splits to measure on."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.samples import NONE_OF_THESE

OCTAVES = 1.0
"""Reach of a training micrograph's vote in the scale-only control, in doublings of the scale."""


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


def majority(training_labels: Sequence[str], count: int) -> list[str]:
    """The control that always answers the commonest training label."""
    labels, counts = np.unique(np.array(training_labels), return_counts=True)
    return [str(labels[counts.argmax()])] * count


def scale_lookup(
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


def hold_out(
    labels: Sequence[str], specimens: Sequence[str], share: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Which micrographs to hold out: whole specimens, about `share` of each class.

    Where no specimen of a class is that small, one of up to half the class is taken. Two images of every class stay
    for training; a class whose specimens do not allow that has none held out.
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
            if all(held[c] + n <= limit[c] and total[c] - held[c] - n >= 2 for c, n in inside.items()):
                out[groups[name]] = True
                held += inside
    return out
