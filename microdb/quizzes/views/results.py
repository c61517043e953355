"""A quiz's results: the page, each exhibit as CSV, the long table, iMRMC's format, a PDF, and everything as JSON."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from microdb.accounts.requests import SignedInRequest
from microdb.csv_lines import CSV_TYPE, csv_lines
from microdb.micrographs.models import Role
from microdb.quizzes.access import has_role, may_see_truth, quiz_with_truth_or_404, readable_quiz_or_404
from microdb.quizzes.composition.specimens import accepted_specimens
from microdb.quizzes.exhibits import exhibits
from microdb.quizzes.exhibits.exports import answer_rows, everything, exhibit_rows, imrmc_lines
from microdb.quizzes.exhibits.pdf import report_pdf
from microdb.quizzes.exhibits.sections import section_of, sections
from microdb.quizzes.forms import ReadersForm
from microdb.quizzes.models import PrimaryEndpoint, Quiz
from microdb.quizzes.reports import ModelAnswerRow, QuestionResult, Readers, Report, quiz_report
from microdb.quizzes.reports.answer_matrix import answer_matrix
from microdb.quizzes.reports.cautions import cautions
from microdb.quizzes.reports.headlines import headline


@require_GET
def quiz_results(request: HttpRequest, slug: str) -> HttpResponse:
    """One section, for members and for readers who have finished."""
    quiz, submitted = readable_quiz_or_404(request, slug)
    readers = Readers.from_query(request.GET)
    report = quiz_report(quiz, readers)
    sees_truth = may_see_truth(request.user, quiz, submitted)
    all_sections = sections(request.GET.get("section", ""))
    (section,) = [one.name for one in all_sections if one.is_shown]
    shown = exhibits(report, sees_truth=sees_truth)
    context = {
        "sections": all_sections,
        "section": section,
        "section_template": f"quizzes/_results_{section}.html",
        "quiz": quiz,
        "report": report,
        "sentences": headline(report),
        "exhibits": [exhibit for exhibit in shown if section_of(exhibit) == section],
        "cautions": cautions(report, sees_truth=sees_truth),
        "readers": readers,
        "readers_form": ReadersForm(request.GET or None),
        "sees_truth": sees_truth,
        "disagreements": _disagreements(report) if sees_truth and section == "questions" else [],
        "positions": {o.label: o.position for o in quiz.options.all() if not o.is_none_of_these},
        "is_member": has_role(request.user, quiz, Role.VIEWER),
        "ballot": submitted,
    }
    context |= _declared(quiz, report, sees_truth=sees_truth)
    if section == "method":
        context["endpoint"] = PrimaryEndpoint.objects.of_quiz(quiz)
    return render(request, "quizzes/quiz_results.html", context)


@require_GET
def quiz_exhibit_csv(request: HttpRequest, slug: str, name: str) -> StreamingHttpResponse:
    """The table of one exhibit, for whoever may see it on the page."""
    quiz, submitted = readable_quiz_or_404(request, slug)
    report = quiz_report(quiz, Readers.from_query(request.GET))
    shown = exhibits(report, sees_truth=may_see_truth(request.user, quiz, submitted))
    found = next((exhibit for exhibit in shown if exhibit.name == name), None)
    if found is None:
        raise Http404
    return _download(exhibit_rows(found), f"{slug}-{name}.csv")


@login_required
@require_GET
def quiz_answers_csv(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    """One row per reader and question, for other software; with nicknames only where ``?names=1`` asks for them."""
    quiz = quiz_with_truth_or_404(request, slug)
    rows = answer_rows(quiz, quiz.ballots.counted(), with_names=_with_names(request))
    return _download(rows, f"{slug}-answers.csv")


@login_required
@require_GET
def quiz_results_json(request: SignedInRequest, slug: str) -> HttpResponse:
    """The report on the chosen readers, the models' fixed answers and these readers' answers."""
    quiz = quiz_with_truth_or_404(request, slug)
    readers = Readers.from_query(request.GET)
    ballots, _with_simulated = readers.choose(quiz)
    document = everything(quiz, quiz_report(quiz, readers), ballots, with_names=_with_names(request))
    return _file(document, f"{slug}-results.json", "application/json")


@login_required
@require_GET
def quiz_results_imrmc(request: SignedInRequest, slug: str) -> HttpResponse:
    """The chosen readers' right and wrong answers in the format of iMRMC."""
    quiz = quiz_with_truth_or_404(request, slug)
    matrix, _with_simulated = answer_matrix(quiz, Readers.from_query(request.GET))
    return _file("".join(imrmc_lines(matrix)).encode(), f"{slug}.imrmc", "text/plain; charset=utf-8")


@login_required
@require_GET
def quiz_results_pdf(request: SignedInRequest, slug: str) -> HttpResponse:
    """The whole quiz on paper."""
    quiz = quiz_with_truth_or_404(request, slug)
    report = quiz_report(quiz, Readers.from_query(request.GET))
    return _file(report_pdf(quiz, report), f"{slug}.pdf", "application/pdf")


def _declared(quiz: Quiz, report: Report, *, sees_truth: bool) -> dict[str, Any]:
    """What organisers stated and did, and the classes that no question shows, for those who may know."""
    asked = {question.truth for question in report.questions}
    return {
        "accepted": accepted_specimens(quiz),
        "missing_classes": [label for label in report.options if label not in asked] if sees_truth else [],
        "events": quiz.events.of_results(),
    }


def _with_names(request: HttpRequest) -> bool:
    return request.GET.get("names") == "1"


def _file(content: bytes, filename: str, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _download(rows: Iterable[Sequence[object]], filename: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(rows), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


Disagreement = tuple[QuestionResult, list[ModelAnswerRow]]
"""A question, and the models that disagree with the experts about it."""


def _disagreements(report: Report) -> list[tuple[str, list[Disagreement]]]:
    """Questions that the experts know and a model does not, and the reverse."""
    people: list[Disagreement] = []
    machine: list[Disagreement] = []
    for question in report.questions:
        if question.experts_know is None:
            continue
        if others := [model for model in question.models if model.right != question.experts_know]:
            (people if question.experts_know else machine).append((question, others))
    return [("experts", people), ("model", machine)]
