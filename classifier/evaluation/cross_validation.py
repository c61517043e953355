"""Specimen-grouped cross-validation.

A random split would leak, since each specimen has several micrographs. The accuracies of the controls, the best
constant answer and the scale alone, are measured on the same folds.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from classifier.config import Config
from classifier.crops.images import with_copies_grouped
from classifier.estimator import Classifier
from classifier.evaluation.robustness import Robustness, drawn_unknowns
from classifier.progress import Callback, Reporter
from classifier.quality.controls import best_constant_accuracy, scale_only_predictions
from classifier.quality.folds import Fold, grouped_folds
from classifier.quality.metrics import calibration, summary
from classifier.samples import NONE_OF_THESE, Sample, training_set, without_small_classes

READING = 0.02
"""Share of the progress for reading the micrographs; the rest is for the folds."""
FOLDS = 0.7
"""Share of the progress after which only trainings without one class are left."""
FITTING = 0.9
"""Share of a fold's progress for the fit; the rest is for scoring."""


@dataclass(frozen=True)
class Evaluation:
    """Metrics over all folds; shares are in 0..1.

    `confusion` has actual rows and predicted columns in the order of `outcomes`. `closed_set` has the accuracy and
    balanced accuracy of the likeliest class, none of these excluded, for comparison with the controls: `scale_only` and
    `majority` are their accuracies. `rejected` is the share predicted as none of these. `predictions` has one row per
    micrograph. `robustness` has the rows of `Robustness`, if they were asked for.
    """

    accuracy: float
    interval: tuple[float, float]
    balanced_accuracy: float
    confusion: list[list[int]]
    outcomes: list[str]
    per_class_recall: dict[str, float]
    closed_set: dict[str, float]
    scale_only: float
    majority: float
    rejected: float
    calibration: dict[str, Any]
    count: int
    predictions: list[dict[str, Any]] = field(default_factory=list)
    robustness: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return asdict(self)


@dataclass(frozen=True)
class Predictions:
    """For each held-out micrograph its name, its actual label, and the predictions of the classifier and controls.

    `closed_set` is the classifier's likeliest class; `none_of_these` its probability of none of these.
    """

    name: list[str] = field(default_factory=list)
    actual: list[str] = field(default_factory=list)
    predicted: list[str] = field(default_factory=list)
    probability: list[float] = field(default_factory=list)
    none_of_these: list[float] = field(default_factory=list)
    closed_set: list[str] = field(default_factory=list)
    scale_only: list[str] = field(default_factory=list)

    def evaluation(self, classes: Sequence[str]) -> Evaluation:
        """The metrics over all predictions so far."""
        metrics = summary(self.actual, self.predicted, classes)
        closed_set = summary(self.actual, self.closed_set, classes)
        correct = [label == prediction for label, prediction in zip(self.actual, self.predicted, strict=True)]
        keys = ("name", "actual", "predicted", "probability", "none_of_these")
        rows = zip(*(getattr(self, key) for key in keys), strict=True)
        return Evaluation(
            **{**metrics, "interval": tuple(metrics["interval"])},
            closed_set={key: closed_set[key] for key in ("accuracy", "balanced_accuracy")},
            scale_only=summary(self.actual, self.scale_only, classes)["accuracy"],
            majority=best_constant_accuracy(self.actual) or 0.0,
            rejected=float(np.mean([prediction not in classes for prediction in self.predicted])),
            calibration=calibration(self.probability, correct),
            predictions=[dict(zip(keys, row, strict=True)) for row in rows],
        )


@dataclass(frozen=True)
class FoldedSamples:
    """Labelled samples with their cross-validation folds; `others` are labelled none-of-these and train every fold."""

    samples: list[Sample]
    folds: list[Fold]
    others: list[Sample]

    @classmethod
    def of(
        cls, samples: Sequence[Sample], config: Config | None, folds: int, seed: int, report: Reporter
    ) -> "FoldedSamples":
        """Read the labelled samples, to keep copies in one fold, and split them. See grouped_folds for errors."""
        kept = with_copies_grouped(training_set(samples), config or Config(), report)
        others = [sample for sample in samples if sample.label == NONE_OF_THESE]
        return cls(kept, grouped_folds(kept, folds, seed), others)

    def evaluate(
        self,
        folds: Sequence[Fold],
        config: Config | None,
        seed: int,
        report: Reporter,
        device: str | None = None,
        robustness: Robustness | None = None,
    ) -> Evaluation:
        """Train a classifier for each of the folds and score the micrographs that it holds out."""
        predictions = Predictions()
        for (training, held_out), part in zip(folds, report.equal_parts(len(folds)), strict=True):
            inside, outside = ([self.samples[i] for i in indices] for indices in (training, held_out))
            classifier = Classifier(config, seed, device)
            share = 1.0 if robustness is None else 0.5
            predict_fold(predictions, inside, self.others, outside, classifier, part.part(0, share))
            if robustness is not None:
                robustness.observe(classifier, outside, part.part(share, 1))
        return predictions.evaluation(sorted({str(sample.label) for sample in self.samples}))


def evaluate(
    samples: Sequence[Sample],
    config: Config | None = None,
    folds: int = 5,
    seed: int = 0,
    callback: Callback | None = None,
    device: str | None = None,
    robustness: bool = False,
    unknowns: Sequence[Sample] | None = None,
) -> Evaluation:
    """Train `folds` classifiers, each without some specimens, and score those.

    A class with fewer than two images outside a fold is missing from that fold's training, and its micrographs there
    count as wrong. With `robustness`, degraded and wrongly scaled micrographs, `unknowns` (drawn ones by default), and
    classes left out of a training are scored as well. Raises ClassifierError for fewer specimens than folds.
    """
    report = Reporter(callback)
    folded = FoldedSamples.of(samples, config, folds, seed, report.part(0, READING))
    if not robustness:
        return folded.evaluate(folded.folds, config, seed, report.part(READING, 1), device)
    tested = Robustness(drawn_unknowns(folded.samples, seed) if unknowns is None else unknowns)
    evaluation = folded.evaluate(folded.folds, config, seed, report.part(READING, FOLDS), device, tested)
    tested.leave_out([*folded.samples, *folded.others], config, seed, report.part(FOLDS, 1))
    return replace(evaluation, robustness=tested.rows())


def evaluate_seeds(
    samples: Sequence[Sample], config: Config | None, folds: int, seeds: Sequence[int], callback: Callback | None = None
) -> list[Evaluation]:
    """One cross-validation for each seed, with its own folds and initial weights."""
    parts = Reporter(callback).equal_parts(len(seeds))
    return [evaluate(samples, config, folds, seed, part.relay()) for seed, part in zip(seeds, parts, strict=True)]


def predict_fold(
    predictions: Predictions,
    training: Sequence[Sample],
    others: Sequence[Sample],
    held_out: Sequence[Sample],
    classifier: Classifier,
    report: Reporter,
) -> None:
    """Fit the classifier, score the held-out samples, and append its predictions and those of the controls."""
    training = without_small_classes(training)
    classifier.fit([*training, *others], report.part(0, FITTING).relay())
    scoring = report.part(FITTING, 1)
    for index, sample in enumerate(held_out):
        scoring("scoring", index / len(held_out), f"held-out micrograph {index + 1} of {len(held_out)}")
        verdict = classifier.score(
            sample.pixels(), sample.pixels_per_micrometre, masked=sample.masked, seed=classifier.seed
        )
        predictions.name.append(sample.name)
        predictions.actual.append(str(sample.label))
        predictions.predicted.append(verdict.predicted)
        predictions.probability.append(verdict.probability)
        predictions.none_of_these.append(verdict.none_of_these)
        predictions.closed_set.append(verdict.nearest)
    labels = [str(sample.label) for sample in training]
    scales = [[sample.pixels_per_micrometre or 1.0 for sample in side] for side in (training, held_out)]
    predictions.scale_only.extend(scale_only_predictions(labels, *scales))
