"""Two quizzes side by side."""

from dataclasses import dataclass

from django.utils.text import capfirst

from microdb.micrographs.models import Dataset
from microdb.quizzes.models import Quiz
from microdb.quizzes.reports.inference import PanelResult, RaterResult
from microdb.quizzes.reports.store import quiz_report

Result = PanelResult | RaterResult
Rater = tuple[Dataset | None, str]
"""A model's dataset, None for a panel, and the label."""


@dataclass(frozen=True)
class Line:
    """A panel or a model with its result in each quiz, None where it took no part."""

    label: str
    first: Result | None
    second: Result | None


def same_questions(first: Quiz, second: Quiz) -> int:
    """How many micrographs both quizzes ask about."""
    return first.questions.filter(micrograph__in=second.questions.values("micrograph")).count()


def side_by_side(first: Quiz, second: Quiz) -> list[Line]:
    """Panels first. Models are told apart by dataset and number, so those of two datasets are never one line."""
    results: list[dict[Rater, Result]] = []
    for quiz in (first, second):
        report = quiz_report(quiz)
        panels: dict[Rater, Result] = {(None, capfirst(panel.label)): panel for panel in report.panels}
        models: dict[Rater, Result] = {(quiz.dataset, model.label): model for model in report.models}
        results.append(panels | models)
    keys = list(dict.fromkeys([*results[0], *results[1]]))
    several = first.dataset_id != second.dataset_id
    return [
        Line(f"{label} ({dataset})" if several and dataset else label, results[0].get(key), results[1].get(key))
        for key in keys
        for dataset, label in [key]
    ]
