"""A quiz's results, assembled from its rows, as plain values that can be stored as JSON and read again."""

from microdb.quizzes.reports.readers import Readers
from microdb.quizzes.reports.report import (
    Calibration,
    Comparison,
    Confusion,
    Duel,
    KappaRow,
    LeftOut,
    ModelAnswerRow,
    ModelResult,
    Pace,
    PanelResult,
    QuestionResult,
    RaterResult,
    Report,
    Team,
    TeamRow,
    Vote,
)
from microdb.quizzes.reports.store import compute_report, quiz_report

__all__ = [
    "Calibration",
    "Comparison",
    "Confusion",
    "Duel",
    "KappaRow",
    "LeftOut",
    "ModelAnswerRow",
    "ModelResult",
    "Pace",
    "PanelResult",
    "QuestionResult",
    "RaterResult",
    "Readers",
    "Report",
    "Team",
    "TeamRow",
    "Vote",
    "compute_report",
    "quiz_report",
]
