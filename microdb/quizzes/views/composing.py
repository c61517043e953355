"""The composer of a quiz, new or a draft, with the power of a quiz of that size."""

import random
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Dataset, Micrograph, Role
from microdb.quizzes import services
from microdb.quizzes.access import member_quiz_or_404
from microdb.quizzes.composition.candidates import candidate_exemplars, draw_questions, offered_questions
from microdb.quizzes.composition.leakage import leaking_micrographs
from microdb.quizzes.composition.planning import EXPECTED_READERS, power_of
from microdb.quizzes.composition.prior_answers import answers_known
from microdb.quizzes.composition.rules import QUESTIONS_AT_MOST
from microdb.quizzes.forms import QuizForm, draft_values
from microdb.quizzes.models import Quiz
from microdb.quizzes.tasks import enqueue_model_answers
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
@require_POST
def quiz_draft(request: SignedInRequest, slug: str) -> HttpResponse:
    """A draft in one step: what the composer offers, against the active version, which is asked at once."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    versions = list(dataset.model_versions.filter(is_active=True))
    offered = _choice(dataset, None, versions)
    asked = [micrograph for micrograph in offered.candidates if micrograph.pk not in offered.leaking]
    try:
        with transaction.atomic():
            quiz = services.create_quiz(
                dataset=dataset, by=request.user, title=dataset.name, micrographs=asked, competitors=versions
            )
            enqueue_model_answers(quiz)
    except MicroDBError as error:
        messages.error(request, error.message)
        return redirect("quizzes:quiz_create", slug)
    messages.success(request, _("The draft is ready. Check it, then open the quiz."))
    return redirect("quizzes:quiz", quiz.slug)


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
    if request.method != "POST":
        versions = list(draft.competitors.all() if draft else dataset.model_versions.filter(is_active=True))
        asked = set(draft.questions.values_list("micrograph", flat=True)) if draft else None
        form = QuizForm(dataset=dataset, initial=draft_values(draft) if draft else None)
        offered = _choice(dataset, asked, versions)
        fair = replace(offered, chosen=offered.chosen - offered.leaking)
        return _composer(request, dataset, form, fair, draft)
    form = QuizForm(request.POST, dataset=dataset)
    valid = form.is_valid()
    versions = list(form.cleaned_data.get("competitors") or [])
    if "draw" in request.POST:
        drawn = _draw(dataset, versions, form.cleaned_data.get("per_class") or 1)
        form = QuizForm(initial=form.as_typed(), dataset=dataset)
        return _composer(request, dataset, form, _choice(dataset, drawn, versions), draft)
    if valid and (quiz := _saved(request, dataset, draft, form)):
        messages.success(request, _("The draft is ready. Check it, then open the quiz."))
        return redirect("quizzes:quiz", quiz.slug)
    return _composer(request, dataset, form, _choice(dataset, _typed_keys(request), versions), draft)


def _choice(dataset: Dataset, asked: set[UUID] | None, versions: list[ModelVersion]) -> Choice:
    """What the page offers, with these chosen; all, where nobody has chosen yet."""
    candidates = offered_questions(dataset, asked or ())
    leaking = leaking_micrographs(candidates, versions)
    chosen = {m.pk for m in candidates if asked is None or m.pk in asked}
    return Choice(candidates, chosen, leaking, versions)


def _typed_keys(request: HttpRequest) -> set[UUID]:
    """The keys of the ticked micrographs, at most as many as a quiz may ask."""
    keys = set()
    for text in request.POST.getlist("micrographs")[:QUESTIONS_AT_MOST]:
        with suppress(ValueError):
            keys.add(UUID(text))
    return keys


def _saved(request: SignedInRequest, dataset: Dataset, draft: Quiz | None, form: QuizForm) -> Quiz | None:
    fields = {name: value for name, value in form.cleaned_data.items() if name not in NOT_OF_THE_QUIZ}
    try:
        if draft:
            return services.change_draft(quiz=draft, **fields)
        return services.create_quiz(dataset=dataset, by=request.user, **fields)
    except MicroDBError as error:
        form.add_error(None, error.message)
        return None


def _draw(dataset: Dataset, versions: list[ModelVersion], per_class: int) -> set[UUID]:
    drawn = draw_questions(dataset, versions, per_class=per_class, seed=random.randrange(2**31))
    return {micrograph.pk for micrograph in drawn}


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
