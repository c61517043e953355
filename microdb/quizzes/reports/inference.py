"""The parts of a report that say what a quiz shows beyond its readers and questions."""

from dataclasses import dataclass

from microdb.statistics import Interval, Rank, Roc


@dataclass(frozen=True)
class PanelResult:
    """Readers of one kind; the accuracy is the mean over readers and questions, and so is its ``interval``."""

    panel: str
    label: str
    readers: int
    answered: int
    unsure: int
    accuracy: float
    interval: Interval


@dataclass(frozen=True)
class RaterResult:
    """One rater, a reader or a model version, with Wilson's and the exact interval."""

    label: str
    right: int
    answered: int
    accuracy: float
    interval: Interval
    exact_interval: Interval


@dataclass(frozen=True)
class BestExpert(RaterResult):
    """``by_chance``: what the best would be expected to score if all experts were equally good."""

    by_chance: float


@dataclass(frozen=True)
class ModelResult(RaterResult):
    model_version: int


@dataclass(frozen=True)
class Comparison:
    """A model against a panel, over readers and questions: ``difference`` is the model's accuracy minus the panel's.

    ``interval`` and ``p`` are of this difference; ``corrected_p`` is p after Holm, and p itself for the comparison that
    was declared ``primary`` before the quiz opened. ``verdict`` is one of ``statistics.Verdict``; ``margin`` (0 to 1)
    and ``margin_p``, one-sided, are None without a declared margin.
    """

    model: str
    model_version: int
    panel: str
    panel_label: str
    model_accuracy: float
    panel_accuracy: float
    difference: float
    interval: Interval
    p: float
    corrected_p: float
    binomial_p: float
    primary: bool
    verdict: str
    margin: float | None
    margin_p: float | None


@dataclass(frozen=True)
class VarianceRow:
    """The components of variance of one answer, None where readers or questions are too few, and what they make of
    the mean: its standard error, and by how many of them a mean must differ at the 5 % level.
    """

    who: str
    readers: int
    questions: int
    reader: float | None
    question: float | None
    rest: float | None
    standard_error: float
    critical: float


@dataclass(frozen=True)
class Duel:
    """Two raters on the same questions, by McNemar's exact test; ``corrected_p`` after Holm."""

    first: str
    second: str
    only_first: int
    only_second: int
    p: float
    corrected_p: float


@dataclass(frozen=True)
class ModelRank:
    """A model's place among the experts."""

    model: str
    model_version: int
    rank: Rank


@dataclass(frozen=True)
class Detection:
    """How none of these is recognised: sensitivity is the share found, specificity the share of the others left alone.

    A panel's values are means over its readers, ``readers`` their (1 - specificity, sensitivity), and its curve that of
    its share of votes. A model's curve is that of its probability. Values are None without such questions.
    """

    label: str
    sensitivity: float | None
    sensitivity_interval: Interval | None
    specificity: float | None
    specificity_interval: Interval | None
    roc: Roc | None
    readers: list[tuple[float, float]]
