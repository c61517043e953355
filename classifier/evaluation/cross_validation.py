"""Specimen-grouped cross-validation: how good the method is on specimens it has never seen.

A random split leaks, since each specimen was photographed many times. Beside the accuracy stand what the commonest
class and the scale alone would have reached on the same folds.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from classifier.config import Config
from classifier.crops.images import with_copies_joined
from classifier.estimator import Classifier
from classifier.progress import Callback, Reporter
from classifier.quality.controls import majority, scale_only_predictions
from classifier.quality.folds import grouped_folds
from classifier.quality.metrics import calibration, summary
from classifier.samples import Sample, training_set


@dataclass(frozen=True)
class Evaluation:
    """The measured quality; shares in 0..1. `scale_only` and `majority` are the accuracies of the controls.
    `class_named` has accuracy and balanced accuracy where None of these is not allowed, as it is not to the controls.

    `confusion` has actual rows and predicted columns in the order of `outcomes`; `answers` has one row per micrograph.
    """

    accuracy: float
    interval: tuple[float, float]
    balanced_accuracy: float
    confusion: list[list[int]]
    outcomes: list[str]
    per_class_recall: dict[str, float]
    class_named: dict[str, float]
    scale_only: float
    majority: float
    rejected: float
    calibration: dict[str, Any]
    count: int
    answers: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON-able values."""
        return asdict(self)


@dataclass(frozen=True)
class Predictions:
    """Actual labels and, for each, what the classifier (with its probability) and the two controls said; `class_named`
    is its likeliest class."""

    actual: list[str] = field(default_factory=list)
    predicted: list[str] = field(default_factory=list)
    probability: list[float] = field(default_factory=list)
    rejected: list[float] = field(default_factory=list)
    class_named: list[str] = field(default_factory=list)
    scale_only: list[str] = field(default_factory=list)
    majority: list[str] = field(default_factory=list)
    name: list[str] = field(default_factory=list)

    def evaluation(self, classes: Sequence[str]) -> Evaluation:
        """The measures over all answers so far."""
        whole = summary(self.actual, self.predicted, classes)
        named = summary(self.actual, self.class_named, classes)
        right = [truth == answer for truth, answer in zip(self.actual, self.predicted, strict=True)]
        rows = zip(self.name, self.actual, self.predicted, self.probability, self.rejected, strict=True)
        keys = ("name", "actual", "predicted", "probability", "none_of_these")
        return Evaluation(
            **{key: whole[key] for key in ("accuracy", "balanced_accuracy", "confusion", "outcomes", "count")},
            interval=tuple(whole["interval"]),
            per_class_recall=whole["per_class_recall"],
            class_named={key: named[key] for key in ("accuracy", "balanced_accuracy")},
            scale_only=summary(self.actual, self.scale_only, classes)["accuracy"],
            majority=summary(self.actual, self.majority, classes)["accuracy"],
            rejected=float(np.mean([answer not in classes for answer in self.predicted])),
            calibration=calibration(self.probability, right),
            answers=[dict(zip(keys, row, strict=True)) for row in rows],
        )


def evaluate(
    samples: Sequence[Sample],
    config: Config | None = None,
    folds: int = 5,
    seed: int = 0,
    callback: Callback | None = None,
    device: str | None = None,
) -> Evaluation:
    """Train `folds` classifiers, each without some specimens, and score those.

    A class that has fewer than two images outside a fold is missing from that fold's training, and its micrographs
    there count as wrong. Raises ClassifierError when there are fewer specimens than folds.
    """
    answers, report = Predictions(), Reporter(callback)
    kept = with_copies_joined(training_set(samples), config or Config(), report.part(0, 0.02))
    for number, (training, held) in enumerate(grouped_folds(kept, folds, seed)):
        part = report.part(0.02 + 0.98 * number / folds, 0.02 + 0.98 * (number + 1) / folds)
        predict_fold(answers, [kept[i] for i in training], [kept[i] for i in held], config, seed, part, device)
    return answers.evaluation(sorted({str(sample.label) for sample in kept}))


def evaluate_seeds(
    samples: Sequence[Sample], config: Config | None, folds: int, seeds: Sequence[int], callback: Callback | None = None
) -> list[Evaluation]:
    """The cross-validation once for every seed, each with folds and first weights of its own."""
    report = Reporter(callback)
    parts = [report.part(number / len(seeds), (number + 1) / len(seeds)) for number in range(len(seeds))]
    return [evaluate(samples, config, folds, seed, part.relay()) for seed, part in zip(seeds, parts, strict=True)]


def predict_fold(
    answers: Predictions,
    training: Sequence[Sample],
    held: Sequence[Sample],
    config: Config | None,
    seed: int,
    report: Reporter,
    device: str | None = None,
) -> None:
    """Train on one side, score the other, and add what was said to the answers."""
    counts = Counter(sample.label for sample in training)
    training = [sample for sample in training if counts[sample.label] >= 2]
    fitting, scoring = report.part(0, 0.9), report.part(0.9, 1)
    classifier = Classifier(config, seed, device).fit(training, fitting.relay())
    for index, sample in enumerate(held):
        scoring("scoring", index / len(held), f"held-out micrograph {index + 1} of {len(held)}")
        verdict = classifier.score(sample.pixels(), sample.pixels_per_micrometre, seed=seed)
        answers.actual.append(str(sample.label))
        answers.predicted.append(verdict.predicted)
        answers.probability.append(verdict.probability)
        answers.rejected.append(verdict.none_of_these)
        answers.class_named.append(max(verdict.probabilities, key=verdict.probabilities.__getitem__))
        answers.name.append(sample.name)
    labels = [str(sample.label) for sample in training]
    scales = [[s.pixels_per_micrometre or 1.0 for s in side] for side in (training, held)]
    answers.majority.extend(majority(labels, len(held)))
    answers.scale_only.extend(scale_only_predictions(labels, scales[0], scales[1]))
