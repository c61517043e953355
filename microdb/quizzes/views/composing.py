"""The composer of a quiz, new or a draft, with the power of a quiz of that size."""

import random
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Dataset, Micrograph, Role
from microdb.quizzes import services
from microdb.quizzes.access import member_quiz_or_404
from microdb.quizzes.composition.candidates import balanced_draw, candidate_exemplars, candidate_questions
from microdb.quizzes.composition.leakage import leaking_micrographs
from microdb.quizzes.composition.planning import EXPECTED_READERS, power_of
from microdb.quizzes.composition.prior_answers import answers_known
from microdb.quizzes.composition.rules import QUESTIONS_AT_MOST
from microdb.quizzes.forms import QuizForm, draft_values
from microdb.quizzes.models import Quiz
from microdb.training.models import ModelVersion

NOT_OF_THE_QUIZ = ("per_class", "readers")


@dataclass(frozen=True)
class Choice:
    """What the composer offers, the keys of what is chosen and of what leaks, and the competitors."""

    candidates: list[Micrograph]
    chosen: set[UUID]
    leaking: set[UUID]
    versions: list[ModelVersion]


@login_required
def quiz_create(request: SignedInRequest, slug: str) -> HttpResponse:
    return _compose(request, dataset_or_404(request, slug, role=Role.CURATOR), None)


@login_required
def quiz_edit(request: SignedInRequest, slug: str) -> HttpResponse:
    """The composer with a draft's questions and settings; an opened quiz can only be copied."""
    quiz = member_quiz_or_404(request, slug, role=Role.CURATOR)
    if quiz.opened_at:
        messages.error(request, _("This quiz has been opened, so it can't be changed. Copy it to a new draft instead."))
        return redirect("quizzes:quiz", slug)
    return _compose(request, quiz.dataset, quiz)


@login_required
@require_GET
def quiz_power(request: SignedInRequest, slug: str) -> HttpResponse:
    """The fragment with the difference that so many questions and experts can show."""
    dataset_or_404(request, slug, role=Role.CURATOR)
    return render(request, "quizzes/_quiz_power.html", {"power": power_of(*_asked_and_readers(request))})


def _compose(request: SignedInRequest, dataset: Dataset, draft: Quiz | None) -> HttpResponse:
    candidates = list(candidate_questions(dataset)[:QUESTIONS_AT_MOST])
    if request.method != "POST":
        versions = list(draft.competitors.all() if draft else dataset.model_versions.filter(is_active=True))
        leaking = leaking_micrographs(candidates, versions)
        asked = set(draft.questions.values_list("micrograph", flat=True)) if draft else {m.pk for m in candidates}
        form = QuizForm(dataset=dataset, initial=draft_values(draft) if draft else None)
        choice = Choice(candidates, asked - leaking, leaking, versions)
        return _composer(request, dataset, form, choice, draft)
    form = QuizForm(request.POST, dataset=dataset)
    valid = form.is_valid()
    versions = list(form.cleaned_data.get("competitors") or [])
    leaking = leaking_micrographs(candidates, versions)
    if "draw" in request.POST:
        drawn = _draw(candidates, leaking, form.cleaned_data.get("per_class") or 1)
        form = QuizForm(initial=form.as_typed(), dataset=dataset)
        return _composer(request, dataset, form, Choice(candidates, drawn, leaking, versions), draft)
    if valid and (quiz := _saved(request, dataset, draft, form)):
        messages.success(request, _("The draft is ready. Check it, then open the quiz."))
        return redirect("quizzes:quiz", quiz.slug)
    typed = set(request.POST.getlist("micrographs"))
    chosen = {m.pk for m in candidates if str(m.pk) in typed}
    return _composer(request, dataset, form, Choice(candidates, chosen, leaking, versions), draft)


def _saved(request: SignedInRequest, dataset: Dataset, draft: Quiz | None, form: QuizForm) -> Quiz | None:
    fields = {name: value for name, value in form.cleaned_data.items() if name not in NOT_OF_THE_QUIZ}
    try:
        if draft:
            return services.change_draft(quiz=draft, **fields)
        return services.create_quiz(dataset=dataset, by=request.user, **fields)
    except MicroDBError as error:
        form.add_error(None, error.message)
        return None


def _draw(candidates: list[Micrograph], leaking: set[UUID], per_class: int) -> set[UUID]:
    fair = [m for m in candidates if m.pk not in leaking]
    return {m.pk for m in balanced_draw(fair, per_class=per_class, seed=random.randrange(2**31))}


def _asked_and_readers(request: HttpRequest) -> tuple[int, int]:
    """Numbers from the query; anything else counts as 0."""
    given = [request.GET.get(name, "") for name in ("questions", "readers")]
    questions, readers = (int(text) if text.isascii() and text.isdigit() else 0 for text in given)
    return min(questions, QUESTIONS_AT_MOST), min(readers, 10_000)


def _composer(
    request: SignedInRequest, dataset: Dataset, form: QuizForm, choice: Choice, draft: Quiz | None
) -> HttpResponse:
    asked = [micrograph for micrograph in choice.candidates if micrograph.pk in choice.chosen]
    context = {
        "dataset": dataset,
        "tab": "quizzes",
        "draft": draft,
        "form": form,
        "candidates": [(m, m.pk in choice.chosen, m.pk in choice.leaking) for m in choice.candidates],
        "chosen": len(choice.chosen),
        "answers_known": answers_known(asked, choice.versions),
        "exemplars": candidate_exemplars(dataset),
        "chosen_exemplars": {str(value) for value in form["exemplars"].value() or ()},
        "power": power_of(len(choice.chosen), EXPECTED_READERS),
    }
    return render(request, "quizzes/quiz_create.html", context)
