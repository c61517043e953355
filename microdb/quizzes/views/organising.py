"""The organiser's pages of a quiz: readiness, sign-offs, opening and closing, invitations."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.models import Role
from microdb.quizzes import services
from microdb.quizzes.access import has_role, may_see_truth, member_quiz_or_404
from microdb.quizzes.composition import integrity, leakage, readiness
from microdb.quizzes.composition.planning import EXPECTED_READERS, power_of
from microdb.quizzes.forms import EndpointForm, InvitationForm
from microdb.quizzes.models import PrimaryEndpoint, Quiz
from microdb.quizzes.sitting.frozen import exemplars_by_class
from microdb.scoring.tasks import enqueue_score


@login_required
@require_GET
def quiz(request: SignedInRequest, slug: str) -> HttpResponse:
    """The quiz's own page for members."""
    quiz = member_quiz_or_404(request, slug)
    questions = quiz.questions.select_related("micrograph__material_class", "truth__material_class")
    real = quiz.ballots.filter(simulated=False)
    context = _readiness_context(request, quiz) | {
        "dataset": quiz.dataset,
        "tab": "quizzes",
        "questions": questions if may_see_truth(request.user, quiz) else None,
        "question_count": questions.count(),
        "competitors": quiz.competitors.select_related("dataset"),
        "exemplar_groups": exemplars_by_class(quiz),
        "link": request.build_absolute_uri(reverse("quizzes:quiz_take", args=[quiz.slug])),
        "readers": real.filter(withdrawn_at=None).count(),
        "submitted": real.submitted().count(),
        "withdrawn": real.exclude(withdrawn_at=None).count(),
        "endpoint": PrimaryEndpoint.objects.filter(quiz=quiz).select_related("model_version__dataset").first(),
    }
    if quiz.opened_at is None:
        context |= _draft_context(quiz, context["endpoint"])
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
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
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
    if quiz.opened_at is None and not readiness.readiness(quiz).complete:
        for score in services.request_model_answers(quiz=quiz):
            enqueue_score(score)
    if quiz.opened_at is None and readiness.readiness(quiz).complete:
        opened = services.open_quiz(quiz=quiz)
        done = _("The quiz is open.") if opened.is_open else _("The quiz is fixed and opens by itself at its time.")
        messages.success(request, f"{done} {_('Send its link to your readers.')}")
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
    messages.success(request, _("The draft was deleted."))
    return redirect("quizzes:dataset_quizzes", quiz.dataset.slug)


@login_required
def quiz_invitations(request: SignedInRequest, slug: str) -> HttpResponse:
    """The quiz's links, and a form for more."""
    quiz = member_quiz_or_404(request, slug, role=Role.CURATOR)
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = len(services.invite(quiz=quiz, by=request.user, **form.cleaned_data))
        messages.success(request, ngettext("%d link is made.", "%d links are made.", made) % made)
        return redirect("quizzes:quiz_invitations", slug)
    rows = [
        (invitation, request.build_absolute_uri(reverse("quizzes:quiz_invited", args=[slug, invitation.key])))
        for invitation in quiz.invitations.prefetch_related("ballots")
    ]
    context = {"quiz": quiz, "dataset": quiz.dataset, "tab": "quizzes", "form": form, "invitations": rows}
    return render(request, "quizzes/quiz_invitations.html", context)


@login_required
@require_POST
def invitation_delete(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    quiz = member_quiz_or_404(request, slug, role=Role.CURATOR)
    try:
        services.delete_invitation(invitation=get_object_or_404(quiz.invitations, pk=pk))
    except MicroDBError as error:
        messages.error(request, error.message)
    return redirect("quizzes:quiz_invitations", slug)


def _readiness_context(request: SignedInRequest, quiz: Quiz) -> dict[str, object]:
    context: dict[str, object] = {"quiz": quiz, "is_curator": has_role(request.user, quiz, Role.CURATOR)}
    if quiz.opened_at is None:
        signed = integrity.valid_sign_offs(quiz)
        context |= {
            "readiness": readiness.readiness(quiz),
            "sign_offs": signed,
            "sign_offs_missing": max(0, integrity.SIGN_OFFS - len(signed)) if quiz.needs_sign_off else 0,
            "has_signed": any(sign_off.user_id == request.user.pk for sign_off in signed),
        }
    return context


def _draft_context(quiz: Quiz, endpoint: PrimaryEndpoint | None) -> dict[str, object]:
    declared = {}
    if endpoint:
        margin = None if endpoint.margin is None else round(100 * endpoint.margin, 6)
        declared = {"model_version": endpoint.model_version_id, "panel": endpoint.panel, "margin_points": margin}
    asked = [q.micrograph for q in quiz.questions.select_related("micrograph")]
    return {
        "leaks": leakage.leaks(asked, quiz.competitors.select_related("dataset")),
        "warnings": readiness.warnings(quiz),
        "power": power_of(len(asked), EXPECTED_READERS),
        "endpoint_form": EndpointForm(quiz=quiz, initial=declared),
    }
