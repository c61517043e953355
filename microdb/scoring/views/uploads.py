"""Scoring of uploaded files and of stored micrographs; each response is a card per file."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.access import dataset_or_404, shown_or_404
from microdb.micrographs.models import Micrograph, Role, ScaleSource
from microdb.micrographs.scale.sidecar import sent_sidecar
from microdb.micrographs.services import set_scale
from microdb.micrographs.tasks import enqueue_reading
from microdb.scoring.cards import Card, card_of
from microdb.scoring.forms import ScaleForm, ScoreUploadForm
from microdb.scoring.intake import store_for_scoring
from microdb.scoring.models import Score
from microdb.scoring.services import NOT_READY, request_score
from microdb.scoring.tasks import enqueue_score
from microdb.training.models import ModelVersion
from microdb.training.services import scoring_version


@login_required
@require_POST
def score_upload(request: SignedInRequest, slug: str) -> HttpResponse:
    """Store the sent files; one that fails does not stop the others. Each card asks for its score once it was read.

    The page's script sends each file by itself, with its ``path`` in the drop and the scale that a manifest gives it.
    """
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    form = ScoreUploadForm(request.POST)
    version = scoring_version(dataset=dataset)
    files = request.FILES.getlist("files")
    if not form.is_valid():
        sentence = _("“%s” is not a scale. Give a number with a decimal point, or leave it empty.")
        given = request.POST.get("pixels_per_micrometre", "")
        cards = [Card(filename=file.name or "", error=sentence % given) for file in files]
    else:
        scale, path = form.cleaned_data["pixels_per_micrometre"], form.cleaned_data["path"]
        names = [path] if path and len(files) == 1 else [file.name or "" for file in files]
        about = {
            "pixels_per_micrometre": scale,
            "scale_source": form.cleaned_data["scale_source"] or ScaleSource.BY_HAND,
            "add_to_dataset": form.cleaned_data["add_to_dataset"],
            "sidecar": request.FILES.get("sidecar") if len(files) == 1 else None,
        }
        cards = [_take(request, version, file, name, about) for file, name in zip(files, names, strict=True)]
    return render(request, "scoring/_score_cards.html", {"dataset": dataset, "cards": cards})


@login_required
@require_POST
def score_request(request: SignedInRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Score a stored micrograph, after setting the scale that was sent, if any."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    micrograph = shown_or_404(request, dataset.micrographs.stored(), pk)
    form = ScaleForm(request.POST)
    try:
        if form.is_valid() and (scale := form.cleaned_data["pixels_per_micrometre"]) is not None:
            set_scale(
                micrographs=[micrograph], pixels_per_micrometre=scale, source=ScaleSource.BY_HAND, by=request.user
            )
            micrograph.refresh_from_db()
    except MicroDBError as error:
        card = Card(micrograph.filename, micrograph, error=error.message, asks_scale=True)
    else:
        card = _scored(scoring_version(dataset=dataset), micrograph)
    if request.htmx or not card.score:  # type: ignore[attr-defined] # set by its middleware
        return render(request, "scoring/_score_cards.html", {"dataset": dataset, "cards": [card]})
    return redirect("scoring:score", card.score.pk)


def _take(
    request: SignedInRequest, version: ModelVersion, file: "UploadedFile[Any]", name: str, given: dict[str, Any]
) -> Card:
    try:
        given = given | {"sidecar": sent_sidecar(given["sidecar"])}
        micrograph = store_for_scoring(dataset=version.dataset, file=file, filename=name, by=request.user, **given)
    except MicroDBError as error:
        return Card(filename=name, error=error.message)
    enqueue_reading(micrograph)
    return _scored(version, micrograph)


def _scored(version: ModelVersion, micrograph: Micrograph) -> Card:
    try:
        with transaction.atomic():
            score = request_score(model_version=version, micrograph=micrograph)
            enqueue_score(score)
    except MicroDBError as error:
        if error.code == NOT_READY:
            return Card(micrograph.filename, micrograph, is_unread=True)
        return Card(micrograph.filename, micrograph, error=error.message, asks_scale=error.code == "missing_scale")
    return card_of(Score.objects.with_page_rows().get(pk=score.pk))
