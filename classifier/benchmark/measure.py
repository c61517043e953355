"""One way, measured: what it learns, how often it is right, how long it takes and how much memory."""

import resource
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from classifier.benchmark.roofline import matmul_rate
from classifier.benchmark.ways import Way
from classifier.progress import Callback, Reporter
from classifier.quality.folds import grouped_folds
from classifier.quality.metrics import summary
from classifier.samples import NONE_OF_THESE, Sample, training_set

TIMED = 5
"""Micrographs that scoring is timed over, after one that warms up."""


@dataclass(frozen=True)
class Limits:
    """How much to do: `folds` (0: none), and `minutes` that no one measurement of accuracy may exceed."""

    folds: int = 5
    minutes: float = 20.0


@dataclass
class Measurement:
    """What was measured. `folds` and `quiz` are summaries (measures.summary), `answers` the quiz's by name; `notes` say
    what was left out and why."""

    title: str
    training_seconds: float
    folds: dict[str, Any] | None = None
    quiz: dict[str, Any] | None = None
    answers: dict[str, str] = field(default_factory=dict)
    image_seconds: float = 0.0
    crops: float = 0.0
    image_flops: float = 0.0
    matmul_rate: float = 0.0
    peak_mebibytes: float = 0.0
    notes: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON-able values."""
        return asdict(self)


def measure(
    build: Callable[[], Way],
    training: Sequence[Sample],
    quiz: Sequence[Sample],
    limits: Limits,
    seed: int,
    callback: Callback,
) -> Measurement:
    """Train on one side, time, and answer the quiz; then cross-validate on the training side by specimens."""
    report, training, way = Reporter(callback), training_set(training), build()
    began = time.perf_counter()
    way.fit(training, report.part(0, 0.3).relay())
    found = Measurement(way.title, round(time.perf_counter() - began, 2))
    _time(way, _spread(quiz or training, TIMED + 1), found)
    if way.measured:
        _quiz(way, quiz, limits, found, report.part(0.3, 0.5))
        _folds(way, build, training, limits, seed, found, report.part(0.5, 1))
    found.peak_mebibytes = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    return found


def _spread(samples: Sequence[Sample], count: int) -> list[Sample]:
    """So many, evenly chosen."""
    return [samples[i] for i in np.linspace(0, len(samples) - 1, min(count, len(samples))).astype(int)]


def _time(way: Way, samples: Sequence[Sample], found: Measurement) -> None:
    way.answer(samples[0])
    timed = samples[1:] or samples
    found.matmul_rate = matmul_rate()
    began = time.perf_counter()
    crops = [way.answer(sample).crops for sample in timed]
    found.image_seconds = (time.perf_counter() - began) / len(timed) / way.part
    found.crops = float(np.mean(crops))
    found.image_flops = float(np.mean([way.flops(sample) for sample in timed]))


def _quiz(way: Way, quiz: Sequence[Sample], limits: Limits, found: Measurement, report: Reporter) -> None:
    """Answer the labelled quiz as scoring does, none of these allowed."""
    labelled = [sample for sample in quiz if sample.label]
    if not labelled:
        found.notes.append("no quiz split")
        return
    asked = _spread(labelled, max(1, int(60 * limits.minutes / max(found.image_seconds, 1e-6))))
    if len(asked) < len(labelled):
        found.notes.append(f"only {len(asked)} of {len(labelled)} of the quiz in so many --minutes")
    answers = []
    for index, sample in enumerate(asked):
        report("answering the quiz", index / len(asked), f"micrograph {index + 1} of {len(asked)}")
        answers.append(way.answer(sample))
    found.quiz = _summary(asked, [answer.label for answer in answers])
    found.answers = {sample.name: answer.label for sample, answer in zip(asked, answers, strict=True)}


def _folds(
    trained: Way,
    build: Callable[[], Way],
    training: Sequence[Sample],
    limits: Limits,
    seed: int,
    found: Measurement,
    report: Reporter,
) -> None:
    """Grouped cross-validation among the classes: peers know no none of these, so here nobody may say it."""
    minutes = (limits.folds * found.training_seconds + len(training) * found.image_seconds) / 60
    if not limits.folds:
        return
    if minutes > limits.minutes:
        refusal = f"no folds: {limits.folds} would take {minutes:.0f} min, give more --minutes"
        found.notes.append(refusal + trained.remark())
        return
    held_out: list[Sample] = []
    predicted: list[str] = []
    for number, (inside, outside) in enumerate(grouped_folds(training, limits.folds, seed)):
        part = report.part(number / limits.folds, (number + 1) / limits.folds)
        counts = Counter(training[i].label for i in inside)
        way = build()
        way.fit([training[i] for i in inside if counts[training[i].label] >= 2], part.part(0, 0.8).relay())
        for index, place in enumerate(outside):
            part("answering a fold", 0.8 + 0.2 * index / len(outside), f"micrograph {index + 1} of {len(outside)}")
            held_out.append(training[place])
            predicted.append(way.answer(training[place]).among_classes)
    found.folds = _summary(held_out, predicted)


def _summary(samples: Sequence[Sample], predicted: Sequence[str]) -> dict[str, Any]:
    actual = [str(sample.label) for sample in samples]
    classes = sorted({*actual, *predicted} - {NONE_OF_THESE})
    return summary(actual, predicted, classes)
