"""Verdicts that become labels, from the page of a score, of a batch, and from the list of scores."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Role
from microdb.micrographs.views.bulk import keep_undo, keys
from microdb.micrographs.views.pages import back_to, mistakes_shown
from microdb.scoring.services import ANSWERS, Labelled, label_by_scores


@login_required
@require_POST
def label_scored(request: SignedInRequest, slug: str) -> HttpResponse:
    """Label the micrographs of the chosen scores; the next page offers to undo it."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    with mistakes_shown(request):
        answer = request.POST.get("answer", "")
        if answer not in ANSWERS:
            raise MicroDBError(_("Choose what the label becomes: “%s” is no answer.") % answer[:60])
        chosen = keys(request.POST.getlist("score"))
        done = label_by_scores(
            dataset=dataset, scores=chosen, answer=answer, by=request.user, seen=request.POST.get("seen")
        )
        if not (done.undo and keep_undo(request, dataset, _sentence(done), done.undo)):
            messages.success(request, _sentence(done))
    return back_to(request, reverse("scoring:score_list", args=[slug]))


def _sentence(done: Labelled) -> str:
    changed = ngettext("%d label was changed.", "%d labels were changed.", done.changed) % done.changed
    if not done.left_out:
        return changed
    left_out = ngettext(
        "%d file has no verdict or is no micrograph of the dataset.",
        "%d files have no verdict or are no micrographs of the dataset.",
        done.left_out,
    )
    return f"{changed} {left_out % done.left_out}"
