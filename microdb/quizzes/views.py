"""Members' pages: lists, the composer, a quiz before and while it runs, and its results."""

import csv
import random
from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Dataset, Micrograph, Role
from microdb.quizzes import opening, services
from microdb.quizzes.access import has_role, may_see_truth, member_quiz_or_404, readable_quiz_or_404
from microdb.quizzes.composition import balanced_draw, candidate_questions
from microdb.quizzes.exports import answer_rows
from microdb.quizzes.figures import accuracy_figure
from microdb.quizzes.forms import QuizForm
from microdb.quizzes.headlines import headline
from microdb.quizzes.models import Quiz
from microdb.quizzes.reports import option_labels, quiz_report
from microdb.quizzes.rules import QUESTIONS_AT_MOST
from microdb.scoring.tasks import enqueue_score

PER_PAGE = 50


@login_required
@require_GET
def quiz_list(request: SignedInRequest) -> HttpResponse:
    quizzes = Quiz.objects.visible_to(request.user).select_related("dataset").with_counts()
    page = Paginator(quizzes, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "quizzes/quiz_list.html", {"page": page})


@login_required
@require_GET
def dataset_quizzes(request: SignedInRequest, slug: str) -> HttpResponse:
    dataset = dataset_or_404(request, slug)
    quizzes = dataset.quizzes.select_related("dataset").with_counts()
    page = Paginator(quizzes, PER_PAGE).get_page(request.GET.get("page"))
    may_compose = Dataset.objects.visible_to(request.user, Role.CURATOR).filter(pk=dataset.pk).exists()
    context = {"dataset": dataset, "tab": "quizzes", "page": page, "may_compose": may_compose}
    return render(request, "quizzes/dataset_quizzes.html", context)


@login_required
def quiz_create(request: SignedInRequest, slug: str) -> HttpResponse:
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    candidates = list(candidate_questions(dataset)[:QUESTIONS_AT_MOST])
    if request.method != "POST":
        active = dataset.model_versions.filter(is_active=True)
        leaking = opening.leaking(candidates, active)
        chosen = {m.pk for m in candidates} - leaking
        return _composer(request, dataset, QuizForm(dataset=dataset), candidates, chosen=chosen, leaking=leaking)
    form = QuizForm(request.POST, dataset=dataset)
    chosen = {m.pk for m in candidates if str(m.pk) in set(request.POST.getlist("micrographs"))}
    valid = form.is_valid()
    leaking = opening.leaking(candidates, form.cleaned_data.get("competitors") or [])
    if "draw" in request.POST:
        per_class = form.cleaned_data.get("per_class") or 1
        fair = [m for m in candidates if m.pk not in leaking]
        drawn = {m.pk for m in balanced_draw(fair, per_class=per_class, seed=random.randrange(2**31))}
        form = QuizForm(initial=_typed(request), dataset=dataset)
        return _composer(request, dataset, form, candidates, chosen=drawn, leaking=leaking)
    if valid:
        fields = {name: value for name, value in form.cleaned_data.items() if name != "per_class"}
        try:
            quiz = services.create_quiz(dataset=dataset, by=request.user, **fields)
        except MicroDBError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The quiz is drafted. Look it over, then open it."))
            return redirect("quizzes:quiz", quiz.slug)
    return _composer(request, dataset, form, candidates, chosen=chosen, leaking=leaking)


@login_required
@require_GET
def quiz(request: SignedInRequest, slug: str) -> HttpResponse:
    """The quiz as its organiser sees it: how ready it is, its link, its questions."""
    quiz = member_quiz_or_404(request, slug)
    questions = quiz.questions.select_related("micrograph__material_class", "truth")
    sees_truth = may_see_truth(request.user, quiz)
    competitors = quiz.competitors.select_related("dataset")
    context = _readiness_context(request, quiz) | {
        "dataset": quiz.dataset,
        "tab": "quizzes",
        "questions": questions if sees_truth else None,
        "question_count": questions.count(),
        "competitors": competitors,
        "exemplars": quiz.exemplars.select_related("material_class", "micrograph"),
        "link": request.build_absolute_uri(f"/quiz/{quiz.slug}/"),
        "readers": quiz.ballots.filter(simulated=False).count(),
        "submitted": quiz.ballots.submitted().filter(simulated=False).count(),
    }
    if quiz.opened_at is None:
        asked = [question.micrograph for question in questions]
        context |= {"leaks": opening.leaks(asked, competitors), "warnings": opening.warnings(quiz)}
    return render(request, "quizzes/quiz.html", context)


@login_required
@require_GET
def quiz_readiness(request: SignedInRequest, slug: str) -> HttpResponse:
    """The fragment that says how many answers the models still owe."""
    quiz = member_quiz_or_404(request, slug)
    return render(request, "quizzes/_quiz_readiness.html", _readiness_context(request, quiz))


@login_required
@require_POST
def quiz_open(request: SignedInRequest, slug: str) -> HttpResponse:
    """Open the quiz, or first ask the models for the answers that are missing."""
    quiz = member_quiz_or_404(request, slug, role=Role.CURATOR)
    if quiz.opened_at is None and not opening.readiness(quiz).complete:
        for score in services.request_model_answers(quiz=quiz):
            enqueue_score(score)
    if quiz.opened_at is None and opening.readiness(quiz).complete:
        services.open_quiz(quiz=quiz)
        messages.success(request, _("The quiz is open. Send its link to your readers."))
    return redirect("quizzes:quiz", quiz.slug)


@login_required
@require_POST
def quiz_close(request: SignedInRequest, slug: str) -> HttpResponse:
    services.close_quiz(quiz=member_quiz_or_404(request, slug, role=Role.CURATOR))
    messages.success(request, _("The quiz is closed."))
    return redirect("quizzes:quiz_results", slug)


@login_required
@require_POST
def quiz_delete(request: SignedInRequest, slug: str) -> HttpResponse:
    quiz = member_quiz_or_404(request, slug, role=Role.CURATOR)
    services.delete_draft(quiz=quiz)
    messages.success(request, _("The draft is gone."))
    return redirect("quizzes:dataset_quizzes", quiz.dataset.slug)


@require_GET
def quiz_results(request: HttpRequest, slug: str) -> HttpResponse:
    """For members, and for readers who have submitted."""
    quiz, submitted = readable_quiz_or_404(request, slug)
    wanted = {"1": True, "0": False}.get(request.GET.get("simulated", ""))
    report = quiz_report(quiz, include_simulated=wanted)
    context = {
        "quiz": quiz,
        "report": report,
        "sentences": headline(report),
        "figure": accuracy_figure(report),
        "options": option_labels(quiz),
        "sees_truth": may_see_truth(request.user, quiz, submitted),
        "is_member": has_role(request.user, quiz, Role.VIEWER),
        "ballot": submitted,
    }
    return render(request, "quizzes/quiz_results.html", context)


@login_required
@require_GET
def quiz_results_csv(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    """One row per reader and question, for other software; simulated readers are marked."""
    quiz = member_quiz_or_404(request, slug)
    if quiz.opened_at is None or not may_see_truth(request.user, quiz):
        raise Http404
    writer = csv.writer(_Echo())
    lines: Iterator[str] = (writer.writerow(row) for row in answer_rows(quiz))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{quiz.slug}-answers.csv"'
    return response


class _Echo:
    """A file that hands back what is written, for the CSV writer."""

    def write(self, line: str) -> str:
        return line


def _readiness_context(request: SignedInRequest, quiz: Quiz) -> dict[str, object]:
    return {
        "quiz": quiz,
        "readiness": opening.readiness(quiz) if quiz.opened_at is None else None,
        "is_curator": has_role(request.user, quiz, Role.CURATOR),
    }


def _typed(request: SignedInRequest) -> dict[str, object]:
    """What the composer's fields hold, to be shown again after a draw."""
    return {
        "title": request.POST.get("title", ""),
        "instructions": request.POST.get("instructions", ""),
        "competitors": request.POST.getlist("competitors"),
        "offers_none_of_these": "offers_none_of_these" in request.POST,
        "shuffled": "shuffled" in request.POST,
        "per_class": request.POST.get("per_class", ""),
    }


def _composer(
    request: SignedInRequest,
    dataset: Dataset,
    form: QuizForm,
    candidates: list[Micrograph],
    *,
    chosen: set[UUID],
    leaking: set[UUID],
) -> HttpResponse:
    rows = [(micrograph, micrograph.pk in chosen, micrograph.pk in leaking) for micrograph in candidates]
    context = {"dataset": dataset, "tab": "quizzes", "form": form, "candidates": rows, "chosen": len(chosen)}
    return render(request, "quizzes/quiz_create.html", context)
