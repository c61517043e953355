"""The quality report of a dataset, and the page that splits it by specimen."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.curation.split_proposal import Proposal, propose_split
from microdb.micrographs.forms import SplitForm
from microdb.micrographs.gallery.confounders import confounders_of
from microdb.micrographs.gallery.quality_report import quality_report_of
from microdb.micrographs.models import Dataset, Role
from microdb.micrographs.services.splitting import apply_split
from microdb.micrographs.views.bulk import keep_undo
from microdb.micrographs.views.pages import dataset_page, form_sentence, mistakes_shown


@login_required
def quality_report(request: SignedInRequest, slug: str) -> HttpResponse:
    """What the dataset has and lacks, each line a link to the micrographs."""
    dataset = dataset_or_404(request, slug)
    context = {"report": quality_report_of(dataset), "confounders": confounders_of(dataset)}
    return dataset_page(request, "micrographs/dataset_quality_report.html", dataset, "quality_report", context)


@login_required
def split(request: SignedInRequest, slug: str) -> HttpResponse:
    """A proposal for train and quiz; a POST applies it, undoable from the gallery."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    given = request.POST if request.method == "POST" else request.GET
    form = SplitForm(given if "share" in given else None)
    proposal = None
    if form.is_valid():
        share, seed = form.cleaned_data["share"] / 100, form.cleaned_data["seed"]
        proposal = propose_split(dataset, quiz_share=share, seed=seed)
        if request.method == "POST":
            with mistakes_shown(request):
                _apply(request, dataset, proposal)
            return redirect("micrographs:gallery", slug)
    elif form.is_bound:
        messages.error(request, form_sentence(form))
    context = {"form": form, "proposal": proposal}
    return dataset_page(request, "micrographs/dataset_split.html", dataset, "quality_report", context)


def _apply(request: SignedInRequest, dataset: Dataset, proposal: Proposal) -> None:
    """Both sides or neither."""
    count, undo = apply_split(proposal=proposal, by=request.user)
    sentence = _("%(train)d micrographs to train on, %(quiz)d for the quiz; %(count)d changed.") % {
        "train": len(proposal.train),
        "quiz": len(proposal.quiz),
        "count": count,
    }
    if not keep_undo(request, dataset, sentence, undo):
        messages.success(request, sentence)
