"""The composer of a quiz, with the power of a quiz of that size."""

import random
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
from microdb.quizzes.composition.candidates import balanced_draw, candidate_exemplars, candidate_questions
from microdb.quizzes.composition.leakage import leaking_micrographs
from microdb.quizzes.composition.planning import EXPECTED_READERS, power_of
from microdb.quizzes.composition.rules import QUESTIONS_AT_MOST
from microdb.quizzes.forms import QuizForm
from microdb.quizzes.models import Quiz

NOT_OF_THE_QUIZ = ("per_class", "readers")


@login_required
def quiz_create(request: SignedInRequest, slug: str) -> HttpResponse:
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    candidates = list(candidate_questions(dataset)[:QUESTIONS_AT_MOST])
    if request.method != "POST":
        leaking = leaking_micrographs(candidates, dataset.model_versions.filter(is_active=True))
        chosen = {m.pk for m in candidates} - leaking
        return _composer(request, dataset, QuizForm(dataset=dataset), candidates, chosen=chosen, leaking=leaking)
    form = QuizForm(request.POST, dataset=dataset)
    chosen = {m.pk for m in candidates if str(m.pk) in set(request.POST.getlist("micrographs"))}
    valid = form.is_valid()
    leaking = leaking_micrographs(candidates, form.cleaned_data.get("competitors") or [])
    if "draw" in request.POST:
        drawn = _draw(candidates, leaking, form.cleaned_data.get("per_class") or 1)
        form = QuizForm(initial=form.as_typed(), dataset=dataset)
        return _composer(request, dataset, form, candidates, chosen=drawn, leaking=leaking)
    if valid and (quiz := _create(request, dataset, form)):
        messages.success(request, _("The draft is ready. Check it, then open the quiz."))
        return redirect("quizzes:quiz", quiz.slug)
    return _composer(request, dataset, form, candidates, chosen=chosen, leaking=leaking)


@login_required
@require_GET
def quiz_power(request: SignedInRequest, slug: str) -> HttpResponse:
    """The fragment with the difference that so many questions and experts can show."""
    dataset_or_404(request, slug, role=Role.CURATOR)
    return render(request, "quizzes/_quiz_power.html", {"power": power_of(*_asked_and_readers(request))})


def _create(request: SignedInRequest, dataset: Dataset, form: QuizForm) -> Quiz | None:
    fields = {name: value for name, value in form.cleaned_data.items() if name not in NOT_OF_THE_QUIZ}
    try:
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
    request: SignedInRequest,
    dataset: Dataset,
    form: QuizForm,
    candidates: list[Micrograph],
    *,
    chosen: set[UUID],
    leaking: set[UUID],
) -> HttpResponse:
    rows = [(micrograph, micrograph.pk in chosen, micrograph.pk in leaking) for micrograph in candidates]
    context = {
        "dataset": dataset,
        "tab": "quizzes",
        "form": form,
        "candidates": rows,
        "chosen": len(chosen),
        "exemplars": candidate_exemplars(dataset),
        "chosen_exemplars": set(form["exemplars"].value() or ()),
        "power": power_of(len(chosen), EXPECTED_READERS),
    }
    return render(request, "quizzes/quiz_create.html", context)
