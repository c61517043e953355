"""Two quizzes side by side."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import capfirst
from django.views.decorators.http import require_GET

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs.models import Dataset
from microdb.quizzes.access import member_quiz_or_404
from microdb.quizzes.models import Quiz
from microdb.quizzes.reports import PanelResult, RaterResult, quiz_report

QUIZZES_OFFERED = 200
Result = PanelResult | RaterResult
Rater = tuple[Dataset | None, str]
"""A model's dataset, None for a panel, and the label."""


@dataclass(frozen=True)
class Line:
    """A panel or a model with its result in each quiz, None where it took no part."""

    label: str
    first: Result | None
    second: Result | None


@login_required
@require_GET
def quiz_compare(request: SignedInRequest, slug: str) -> HttpResponse:
    """This quiz beside another opened one that the person may see; without a choice, the form alone."""
    first = member_quiz_or_404(request, slug)
    others = Quiz.objects.visible_to(request.user).filter(opened_at__isnull=False).exclude(pk=first.pk)
    context = {
        "quiz": first,
        "dataset": first.dataset,
        "tab": "quizzes",
        "others": others.select_related("dataset")[:QUIZZES_OFFERED],
    }
    if first.opened_at and (wanted := request.GET.get("with")):
        second = get_object_or_404(others.select_related("dataset"), slug=wanted)
        context |= {"other": second, "same_questions": _same_questions(first, second), "lines": _lines(first, second)}
        context["counts"] = [(one, one.questions.count()) for one in (first, second)]
    return render(request, "quizzes/quiz_compare.html", context)


def _same_questions(first: Quiz, second: Quiz) -> int:
    return first.questions.filter(micrograph__in=second.questions.values("micrograph")).count()


def _lines(first: Quiz, second: Quiz) -> list[Line]:
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
