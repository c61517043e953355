"""The organiser's page of invitation links."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.models import Role
from microdb.quizzes import services
from microdb.quizzes.access import member_quiz_or_404
from microdb.quizzes.forms import InvitationForm


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
