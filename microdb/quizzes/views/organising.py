"""The organiser's pages of a quiz: readiness, sign-offs, opening and closing, and its link."""

import io

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.models import Micrograph, Role
from microdb.quizzes import services
from microdb.quizzes.access import has_role, may_see_truth, member_quiz_or_404
from microdb.quizzes.composition import integrity, leakage, readiness
from microdb.quizzes.composition.planning import EXPECTED_READERS, power_of
from microdb.quizzes.composition.specimens import unknown_specimens
from microdb.quizzes.forms import EndpointForm, known_reader
from microdb.quizzes.models import PrimaryEndpoint, Question, Quiz
from microdb.quizzes.sitting.guides import class_guides
from microdb.quizzes.tasks import enqueue_model_answers


@login_required
@require_GET
def quiz(request: SignedInRequest, slug: str) -> HttpResponse:
    """The quiz's own page for members."""
    quiz = member_quiz_or_404(request, slug)
    questions = quiz.questions.select_related("micrograph__material_class", "truth__material_class")
    sees_truth = may_see_truth(request.user, quiz)
    endpoint = PrimaryEndpoint.objects.of_quiz(quiz)
    real = quiz.ballots.filter(simulated=False)
    context = _readiness_context(request, quiz) | {
        "dataset": quiz.dataset,
        "tab": "quizzes",
        "questions": questions if sees_truth else None,
        "question_count": (count := questions.count()),
        "needed": quiz.answers_needed(count),
        "competitors": quiz.competitors.select_related("dataset"),
        "guides": class_guides(quiz),
        "link": _link(request, quiz),
        "readers": real.filter(withdrawn_at=None).count(),
        "counted": real.counted().count(),
        "submitted": real.submitted().count(),
        "withdrawn": real.exclude(withdrawn_at=None).count(),
        "endpoint": endpoint,
    }
    if quiz.opened_at is None:
        context |= _draft_context(quiz, endpoint, list(questions))
    elif quiz.is_open and not quiz.by_invitation and not quiz.ballots.filter(user=request.user).exists():
        context["reader"] = known_reader(request.user)
    return render(request, "quizzes/quiz.html", context)


@login_required
@require_GET
def quiz_readiness(request: SignedInRequest, slug: str) -> HttpResponse:
    """The fragment with the number of answers that the models still owe."""
    quiz = member_quiz_or_404(request, slug)
    return render(request, "quizzes/_quiz_readiness.html", _readiness_context(request, quiz))


@login_required
@require_POST
def quiz_sign(request: SignedInRequest, slug: str) -> HttpResponse:
    services.sign_truth(quiz=member_quiz_or_404(request, slug, role=Role.CURATOR), by=request.user)
    messages.success(request, _("You have signed the truth of this quiz. If a label or scale changes, sign again."))
    return redirect("quizzes:quiz", slug)


@login_required
@require_POST
def quiz_endpoint(request: SignedInRequest, slug: str) -> HttpResponse:
    """Declare the primary endpoint of a draft, or take the declaration back."""
    quiz = member_quiz_or_404(request, slug, role=Role.CURATOR)
    form = EndpointForm(request.POST, quiz=quiz)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    elif form.cleaned_data["model_version"]:
        services.declare_endpoint(quiz=quiz, **form.cleaned_data)
        messages.success(request, _("The primary endpoint is declared. It is fixed when the quiz opens."))
    else:
        services.withdraw_endpoint(quiz=quiz)
        messages.success(request, _("No primary endpoint is declared."))
    return redirect("quizzes:quiz", slug)


@login_required
@require_POST
def quiz_open(request: SignedInRequest, slug: str) -> HttpResponse:
    """Open the quiz, or first ask the models for the answers that are missing."""
    quiz = member_quiz_or_404(request, slug, role=Role.CURATOR)
    if quiz.opened_at is None and enqueue_model_answers(quiz):
        accepts = "accepts_unknown_specimens" in request.POST
        try:
            opened = services.open_quiz(quiz=quiz, by=request.user, accepts_unknown_specimens=accepts)
        except MicroDBError as error:
            messages.error(request, error.message)
            return redirect("quizzes:quiz", quiz.slug)
        done = _("The quiz is open.") if opened.is_open else _("The quiz is fixed and opens by itself at its time.")
        messages.success(request, f"{done} {_('Send its link to your readers.')}")
    return redirect("quizzes:quiz", quiz.slug)


@login_required
@require_POST
def quiz_close(request: SignedInRequest, slug: str) -> HttpResponse:
    services.close_quiz(quiz=member_quiz_or_404(request, slug, role=Role.CURATOR), by=request.user)
    messages.success(request, _("The quiz is closed."))
    return redirect("quizzes:quiz_results", slug)


@login_required
@require_POST
def quiz_reopen(request: SignedInRequest, slug: str) -> HttpResponse:
    quiz = member_quiz_or_404(request, slug, role=Role.CURATOR)
    try:
        services.reopen_quiz(quiz=quiz, by=request.user, reason=request.POST.get("reason", ""))
    except MicroDBError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The quiz takes answers again. The results say so, with your reason."))
    return redirect("quizzes:quiz", slug)


@login_required
@require_POST
def quiz_copy(request: SignedInRequest, slug: str) -> HttpResponse:
    """A new draft like this quiz, ready to be edited."""
    try:
        copy = services.copy_quiz(quiz=member_quiz_or_404(request, slug, role=Role.CURATOR), by=request.user)
    except MicroDBError as error:
        messages.error(request, error.message)
        return redirect("quizzes:quiz", slug)
    messages.success(request, _("This is the copy, a draft. Change what you like, then open it."))
    return redirect("quizzes:quiz_edit", copy.slug)


@login_required
@require_GET
def quiz_link_code(request: SignedInRequest, slug: str) -> HttpResponse:
    """The quiz's link as a QR code."""
    quiz = member_quiz_or_404(request, slug)
    picture = io.BytesIO()
    segno.make_qr(_link(request, quiz), error="m").save(picture, kind="png", scale=8, border=4)
    return HttpResponse(picture.getvalue(), content_type="image/png")


@login_required
@require_POST
def quiz_delete(request: SignedInRequest, slug: str) -> HttpResponse:
    quiz = member_quiz_or_404(request, slug, role=Role.CURATOR)
    services.delete_draft(quiz=quiz)
    messages.success(request, _("The draft was deleted."))
    return redirect("quizzes:dataset_quizzes", quiz.dataset.slug)


def _link(request: SignedInRequest, quiz: Quiz) -> str:
    """What readers open."""
    return request.build_absolute_uri(reverse("quizzes:quiz_take", args=[quiz.slug]))


def _readiness_context(request: SignedInRequest, quiz: Quiz) -> dict[str, object]:
    context: dict[str, object] = {"quiz": quiz, "is_curator": has_role(request.user, quiz, Role.CURATOR)}
    if quiz.opened_at is None:
        signed = integrity.valid_sign_offs(quiz)
        there = readiness.readiness(quiz)
        context |= {
            "readiness": there,
            "sign_offs": signed,
            "sign_offs_missing": max(0, integrity.SIGN_OFFS - len(signed)) if quiz.needs_sign_off else 0,
            "has_signed": any(sign_off.user_id == request.user.pk for sign_off in signed),
            "unknown_specimens": unknown_specimens(_asked(quiz), quiz.competitors.all()) if there.complete else None,
        }
    return context


def _asked(quiz: Quiz) -> list[Micrograph]:
    return [question.micrograph for question in quiz.questions.select_related("micrograph")]


def _draft_context(quiz: Quiz, endpoint: PrimaryEndpoint | None, questions: list[Question]) -> dict[str, object]:
    declared = {}
    if endpoint:
        margin = None if endpoint.margin is None else round(100 * endpoint.margin, 6)
        declared = {"model_version": endpoint.model_version_id, "panel": endpoint.panel, "margin_points": margin}
    asked = [question.micrograph for question in questions]
    withheld = quiz.questions.filter(micrograph__in=quiz.dataset.withheld).exists()  # asked in an open quiz, too
    return {
        "leaks": [] if withheld else leakage.leaks(asked, quiz.competitors.select_related("dataset")),
        "warnings": [] if withheld else readiness.warnings(quiz),
        "power": power_of(len(asked), EXPECTED_READERS),
        "endpoint_form": EndpointForm(quiz=quiz, initial=declared),
    }
