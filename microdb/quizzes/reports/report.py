"""The parts of a report. Shares, accuracies and probabilities are from 0 to 1."""

from dataclasses import dataclass
from datetime import datetime

from microdb.quizzes.reports.inference import (
    BestExpert,
    Comparison,
    Detection,
    Duel,
    ModelRank,
    ModelResult,
    PanelResult,
    VarianceRow,
)
from microdb.statistics import Interval, ReliabilityBin


@dataclass(frozen=True)
class KappaRow:
    """The agreement of some raters by one measure, with the number of raters and questions."""

    raters: str
    measure: str
    value: float | None
    interval: Interval | None
    rater_count: int
    question_count: int


@dataclass(frozen=True)
class Calibration:
    """The calibration of one panel or model; ``by_chance`` is the error that so many calibrated answers would show."""

    label: str
    answers: int
    brier: float
    error: float
    by_chance: float
    bins: list[ReliabilityBin]


@dataclass(frozen=True)
class Confusion:
    """``counts``: a row for each option as the truth, a column for each answer in ``answers``."""

    label: str
    answers: list[str]
    counts: list[list[int]]


@dataclass(frozen=True)
class TeamRow:
    label: str
    accuracy: float
    interval: Interval


@dataclass(frozen=True)
class Team:
    """A model with a panel: alone, by votes, together, and the model handing over what it is least sure of.

    ``deferral``: pairs of the share handed over and the team's accuracy.
    """

    model: str
    panel: str
    rows: list[TeamRow]
    deferral: list[tuple[float, float]]


@dataclass(frozen=True)
class Pace:
    """A panel's time: a point (median seconds, accuracy) per reader, medians by right and not right, and Spearman's
    rank correlation of the points with its permutation p.
    """

    label: str
    panel: str
    points: list[tuple[float, float]]
    seconds_right: float | None
    seconds_wrong: float | None
    correlation: float | None
    p: float | None


@dataclass(frozen=True)
class Vote:
    """How many readers of each panel chose an option of a question, and each model's probability of it."""

    label: str
    is_truth: bool
    experts: int
    non_experts: int
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class ModelAnswerRow:
    model_version: int
    predicted: str
    right: bool
    has_map: bool


EXPERTS_KNOW = 0.5
"""Experts know a question if at least this share of their answers is right."""


@dataclass(frozen=True)
class QuestionResult:
    """One question; ``expert_share`` and ``non_expert_share`` are of right answers, None where nobody answered."""

    number: int
    key: str
    micrograph: str
    filename: str
    truth: str
    votes: list[Vote]
    expert_share: float | None
    non_expert_share: float | None
    models: list[ModelAnswerRow]

    @property
    def experts_know(self) -> bool | None:
        """None where no expert answered."""
        return None if self.expert_share is None else self.expert_share >= EXPERTS_KNOW


@dataclass(frozen=True)
class LeftOut:
    """Submitted ballots of one panel that no figure counts: ``kind`` is partial or repeat."""

    kind: str
    panel: str
    panel_label: str
    readers: int
    answered: int
    right: int


@dataclass(frozen=True)
class Report:
    """Everything on a quiz's results page."""

    slug: str
    title: str
    dataset: str
    dataset_version: int
    frozen_sha256: str
    intact: bool
    teaching: bool
    opened_at: datetime
    readers: str
    options: list[str]
    question_count: int
    real_readers: int
    simulated_readers: int
    includes_simulated: bool
    withdrawn_readers: int
    left_out: list[LeftOut]
    panels: list[PanelResult]
    best_expert: BestExpert | None
    models: list[ModelResult]
    comparisons: list[Comparison]
    variances: list[VarianceRow]
    ranks: list[ModelRank]
    duels: list[Duel]
    detections: list[Detection]
    agreement: list[KappaRow]
    calibration: list[Calibration]
    confusions: list[Confusion]
    teams: list[Team]
    pace: list[Pace]
    questions: list[QuestionResult]
