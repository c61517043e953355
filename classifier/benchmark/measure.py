"""Measures one method: accuracy, training time, scoring time and memory."""

import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from classifier.benchmark.method import Method
from classifier.benchmark.roofline import matmul_rate
from classifier.progress import Callback, Reporter
from classifier.quality.folds import grouped_folds
from classifier.quality.metrics import summary
from classifier.samples import NONE_OF_THESE, Sample, training_set, without_small_classes

PEAK_UNITS_PER_MEBIBYTE = 1024**2 if sys.platform == "darwin" else 1024
"""macOS counts the peak memory in bytes, Linux in kibibytes."""
TIMED = 5
"""Micrographs to time scoring on, after one to warm up."""


@dataclass(frozen=True)
class Limits:
    """The number of `folds` (0: none), and the `minutes` that each measurement of accuracy may take."""

    folds: int = 5
    minutes: float = 20.0


@dataclass
class Measurement:
    """The measurements of a method.

    `folds` and `quiz` are summaries (quality.metrics), `predictions` the labels predicted in the quiz, by name. `notes`
    list what was left out, with the reason. `crops` and the `image_` values are means per micrograph.
    """

    title: str
    training_seconds: float
    folds: dict[str, Any] | None = None
    quiz: dict[str, Any] | None = None
    predictions: dict[str, str] = field(default_factory=dict)
    image_seconds: float = 0.0
    crops: float = 0.0
    image_flops: float = 0.0
    matmul_rate: float = 0.0
    peak_mebibytes: float = 0.0
    notes: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return asdict(self)


def measure(
    build: Callable[[], Method],
    training: Sequence[Sample],
    quiz: Sequence[Sample],
    limits: Limits,
    seed: int,
    callback: Callback,
) -> Measurement:
    """Train, time, and predict the quiz; then cross-validate on the training samples, grouped by specimen."""
    report, training, method = Reporter(callback), training_set(training), build()
    began = time.perf_counter()
    method.fit(training, report.part(0, 0.3).relay())
    result = Measurement(method.title, round(time.perf_counter() - began, 2))
    _time(method, _evenly_chosen(quiz or training, TIMED + 1), result)
    if not method.speed_only:
        _quiz(method, quiz, limits, result, report.part(0.3, 0.5))
        _folds(method, build, training, limits, seed, result, report.part(0.5, 1))
    result.peak_mebibytes = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PEAK_UNITS_PER_MEBIBYTE, 1)
    return result


def _evenly_chosen(samples: Sequence[Sample], count: int) -> list[Sample]:
    return [samples[i] for i in np.linspace(0, len(samples) - 1, min(count, len(samples))).astype(int)]


def _time(method: Method, samples: Sequence[Sample], result: Measurement) -> None:
    """Time the predictions, and count their operations."""
    method.predict(samples[0])
    timed = samples[1:] or samples
    result.matmul_rate = matmul_rate()
    began = time.perf_counter()
    crops = [method.predict(sample).crops for sample in timed]
    result.image_seconds = (time.perf_counter() - began) / len(timed) / method.share_run
    result.crops = float(np.mean(crops))
    result.image_flops = float(np.mean([method.flops(sample) for sample in timed]))


def _quiz(method: Method, quiz: Sequence[Sample], limits: Limits, result: Measurement, report: Reporter) -> None:
    """Predict the labelled quiz micrographs, none of these allowed."""
    labelled = [sample for sample in quiz if sample.label]
    if not labelled:
        result.notes.append("no quiz split")
        return
    chosen = _evenly_chosen(labelled, max(1, int(60 * limits.minutes / max(result.image_seconds, 1e-6))))
    if len(chosen) < len(labelled):
        result.notes.append(f"only {len(chosen)} of {len(labelled)} quiz micrographs fit into --minutes")
    predicted = []
    for index, sample in enumerate(chosen):
        report("predicting the quiz", index / len(chosen), f"micrograph {index + 1} of {len(chosen)}")
        predicted.append(method.predict(sample).label)
    result.quiz = _summary(chosen, predicted)
    result.predictions = {sample.name: label for sample, label in zip(chosen, predicted, strict=True)}


def _folds(
    method: Method,
    build: Callable[[], Method],
    training: Sequence[Sample],
    limits: Limits,
    seed: int,
    result: Measurement,
    report: Reporter,
) -> None:
    """Cross-validate closed-set predictions, grouped by specimen: the baselines have no none of these."""
    minutes = (limits.folds * result.training_seconds + len(training) * result.image_seconds) / 60
    if not limits.folds:
        return
    if minutes > limits.minutes:
        note = f"no folds: {limits.folds} would take {minutes:.0f} min, give more --minutes"
        result.notes.append(note + method.held_out_note())
        return
    held_out: list[Sample] = []
    predicted: list[str] = []
    folds = grouped_folds(training, limits.folds, seed)
    for (inside, outside), part in zip(folds, report.equal_parts(len(folds)), strict=True):
        fitted, scoring = build(), part.part(0.8, 1)
        fitted.fit(without_small_classes([training[i] for i in inside]), part.part(0, 0.8).relay())
        for number, sample in enumerate([training[i] for i in outside]):
            scoring("predicting a fold", number / len(outside), f"micrograph {number + 1} of {len(outside)}")
            held_out.append(sample)
            predicted.append(fitted.predict(sample).closed_set)
    result.folds = _summary(held_out, predicted)


def _summary(samples: Sequence[Sample], predicted: Sequence[str]) -> dict[str, Any]:
    actual = [str(sample.label) for sample in samples]
    classes = sorted({*actual, *predicted} - {NONE_OF_THESE})
    return summary(actual, predicted, classes)
