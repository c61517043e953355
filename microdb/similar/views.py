"""Micrographs that look like another one, like one that was scored, or like a file that somebody sends."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.live import live
from microdb.micrographs.access import dataset_or_404, shown_or_404
from microdb.micrographs.access.abilities import abilities_in
from microdb.micrographs.models import Dataset, Micrograph, Role
from microdb.micrographs.tasks import enqueue_reading
from microdb.scoring.cards import Card, card_of
from microdb.scoring.intake import store_for_scoring
from microdb.scoring.models import Score
from microdb.similar.forms import OptionsForm, SearchForm
from microdb.similar.search import Options, Results, results_for
from microdb.training.models import ModelVersion
from microdb.training.services import scoring_version

LIKE_TRAINING = Options(trained_on=True)


@login_required
@require_safe
def similar(request: SignedInRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """What looks like a micrograph of the dataset, or like a file that was sent to be scored."""
    dataset = dataset_or_404(request, slug)
    stored = dataset.micrographs.stored().select_related("dataset", "material_class")
    micrograph = shown_or_404(request, stored, pk)
    active = ModelVersion.objects.filter(dataset=dataset, is_active=True).select_related("dataset")
    version = active.defer("descriptor_map", "metrics").first()
    form = OptionsForm(request.GET)
    found = results_for(version, micrograph, dataset, form.options()) if version else None
    context: dict[str, Any] = {"micrograph": micrograph, "version": version, "found": found, "form": form}
    if request.htmx:  # type: ignore[attr-defined] # set by its middleware
        return _results(request, dataset, context, found)
    context["card"] = _card(request, dataset, version, micrograph, found)
    return render(request, "similar/micrograph_similar.html", {"dataset": dataset, "tab": "gallery", **context})


@login_required
@require_safe
def of_score(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """The training micrographs that look most like a scored one; to htmx, the section of the score's page."""
    score = get_object_or_404(Score.objects.visible_to(request.user).with_page_rows(), pk=pk)
    dataset = dataset_or_404(request, score.model_version.dataset.slug)
    found = results_for(score.model_version, score.micrograph, dataset, LIKE_TRAINING)
    context = {"score": score, "micrograph": score.micrograph, "version": score.model_version, "found": found}
    if request.htmx:  # type: ignore[attr-defined] # set by its middleware
        return _results(request, dataset, context, found)
    return render(request, "similar/score_similar.html", {"dataset": dataset, "tab": "scoring", **context})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: SignedInRequest, slug: str) -> HttpResponse:
    """Search by a file: it is stored as if it was sent to be scored, and a worker reads it."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    form = SearchForm(request.POST, request.FILES) if request.method == "POST" else SearchForm()
    if form.is_valid():
        try:
            scoring_version(dataset=dataset)
            sent = store_for_scoring(
                dataset=dataset,
                file=form.cleaned_data["file"],
                filename=form.cleaned_data["file"].name,
                by=request.user,
                pixels_per_micrometre=form.cleaned_data["pixels_per_micrometre"],
            )
        except MicroDBError as error:
            form.add_error(None, error.message)
        else:
            enqueue_reading(sent)
            return redirect("similar:micrograph", slug, sent.pk)
    status = 400 if form.errors else 200
    context = {"dataset": dataset, "tab": "gallery", "form": form}
    return render(request, "similar/search.html", context, status=status)


def _results(
    request: SignedInRequest, dataset: Dataset, context: dict[str, Any], found: Results | None
) -> HttpResponse:
    shown = found and (found.state, found.left, [(one.micrograph.pk, one.micrograph.label) for one in found.similar])
    return live(request, "similar/_results.html", {"dataset": dataset, **context}, shown=shown)


def _card(
    request: SignedInRequest,
    dataset: Dataset,
    version: ModelVersion | None,
    micrograph: Micrograph,
    found: Results | None,
) -> Card | None:
    """The score by which a file that does not belong to the dataset gets its descriptor; its card asks for it."""
    if not version or not micrograph.scored_only or (found and not found.is_waiting):
        return None
    scores = Score.objects.with_page_rows().filter(model_version=version, micrograph=micrograph)
    if score := scores.order_by("-created_at").first():
        return card_of(score)
    may_score = abilities_in(dataset, request.user).curate
    return Card(micrograph.filename, micrograph, is_unread=True) if may_score else None
