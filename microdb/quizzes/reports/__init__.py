"""A quiz's results, assembled from its rows, as plain values that can be stored as JSON and read again."""

from microdb.quizzes.reports.inference import (
    BestExpert,
    Comparison,
    Detection,
    Duel,
    ModelRank,
    ModelResult,
    PanelResult,
    RaterResult,
    VarianceRow,
)
from microdb.quizzes.reports.readers import Readers
from microdb.quizzes.reports.report import (
    Calibration,
    Confusion,
    KappaRow,
    LeftOut,
    ModelAnswerRow,
    Pace,
    QuestionResult,
    Report,
    Team,
    TeamRow,
    Vote,
)
from microdb.quizzes.reports.store import compute_report, quiz_report

__all__ = [
    "BestExpert",
    "Calibration",
    "Comparison",
    "Confusion",
    "Detection",
    "Duel",
    "KappaRow",
    "LeftOut",
    "ModelAnswerRow",
    "ModelRank",
    "ModelResult",
    "Pace",
    "PanelResult",
    "QuestionResult",
    "RaterResult",
    "Readers",
    "Report",
    "Team",
    "TeamRow",
    "VarianceRow",
    "Vote",
    "compute_report",
    "quiz_report",
]
