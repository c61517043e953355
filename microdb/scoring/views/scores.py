"""The list of a dataset's scores, and one score."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.keyset import Keyset, moment
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import NONE_OF_THESE, Dataset, Micrograph, Role, Split, counted
from microdb.scoring.cards import card_of
from microdb.scoring.forms import ScoreFilterForm, ScoreUploadForm
from microdb.scoring.models import Batch, Score
from microdb.scoring.services import cancel_score
from microdb.training.figures import score_figure
from microdb.training.models import ModelVersion

NEWEST = Keyset("created_at", moment, downwards=True)
SCORES_PER_PAGE = 50
BATCHES_SHOWN = 5
CACHE = "private, max-age=31536000, immutable"
"""A score's saliency map never changes."""


@login_required
@require_safe
def score_list(request: SignedInRequest, slug: str) -> HttpResponse:
    dataset = dataset_or_404(request, slug)
    form = ScoreFilterForm(request.GET, dataset=dataset)
    scores = form.apply(Score.objects.with_page_rows().filter(dataset=dataset).exclude(micrograph__in=dataset.withheld))
    asked = form.cleaned_data.get("micrograph")
    batches = Batch.objects.filter(model_version__dataset=dataset).with_counts().select_related("model_version")
    context = {
        "dataset": dataset,
        "tab": "scoring",
        "filter_form": form,
        "scale_form": ScoreUploadForm(),
        "scores": NEWEST.page(scores, request.GET, SCORES_PER_PAGE),
        "version": ModelVersion.objects.filter(dataset=dataset, is_active=True).only("number").first(),
        "micrograph": dataset.shown().stored().filter(pk=asked).first() if asked else None,
        "may_score": may_score(request, dataset),
        "held_out": _held_out(dataset),
        "batches": batches[:BATCHES_SHOWN],
    }
    return render(request, "scoring/score_list.html", context)


def _held_out(dataset: Dataset) -> int:
    """How many micrographs of split quiz can be scored; the database has counted them."""
    cells = counted(dataset, "split", "state", "scale_bin")
    return sum(
        cell["total"]
        for cell in cells
        if (cell["split"], cell["state"]) == (Split.QUIZ, Micrograph.State.READY)
        and (dataset.scale_free or cell["scale_bin"] is not None)
    )


@login_required
@require_safe
def score(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    found = _visible(request, pk)
    dataset = found.model_version.dataset
    context = {
        "dataset": dataset,
        "tab": "scoring",
        "score": found,
        "figure": score_figure(found.model_version, found.descriptors, known=found.predicted != NONE_OF_THESE),
        "card": card_of(found),
        "may_score": may_score(request, dataset),
    }
    return render(request, "scoring/score_detail.html", context)


@login_required
@require_safe
def score_card(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """The card of one score, which the page polls until there is a verdict."""
    found = _visible(request, pk)
    return render(request, "scoring/_score_card.html", {"card": card_of(found), "dataset": found.model_version.dataset})


@login_required
@require_safe
def score_saliency(request: SignedInRequest, pk: uuid.UUID) -> FileResponse:
    found = _visible(request, pk)
    if not found.saliency:
        raise Http404
    try:
        response = FileResponse(found.saliency.open("rb"), content_type="image/png")
    except FileNotFoundError as missing:
        raise Http404 from missing
    response["Cache-Control"] = CACHE
    return response


@login_required
@require_POST
def score_cancel(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    found = _visible(request, pk)
    dataset_or_404(request, found.model_version.dataset.slug, role=Role.CURATOR)
    cancel_score(score=found)
    return redirect("scoring:score", pk)


def may_score(request: SignedInRequest, dataset: Dataset) -> bool:
    return Dataset.objects.visible_to(request.user, Role.CURATOR).filter(pk=dataset.pk).exists()


def _visible(request: SignedInRequest, pk: uuid.UUID) -> Score:
    return get_object_or_404(Score.objects.visible_to(request.user).with_page_rows(), pk=pk)
