"""Batches of stored micrographs: a selection of the gallery, or what was scored before."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Dataset, Role
from microdb.micrographs.views.gallery import selected
from microdb.micrographs.views.pages import back_to, mistakes_shown
from microdb.scoring.models import Batch
from microdb.scoring.services import MOST_ITEMS, micrographs_of, score_selection, scored_by
from microdb.scoring.tasks import enqueue_batch
from microdb.training.models import ModelVersion
from microdb.training.services import scoring_version


@login_required
@require_POST
def score_selected(request: SignedInRequest, slug: str) -> HttpResponse:
    """Score the gallery's chosen micrographs, or all that its filters match."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    with mistakes_shown(request):
        chosen = selected(request, dataset).order_by("created_at", "pk")
        return _started(request, dataset, list(chosen.values_list("pk", flat=True)[: MOST_ITEMS + 1]))
    return back_to(request, reverse("micrographs:gallery", args=[slug]))


@login_required
@require_POST
def score_again(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Score with the active version what version ``number`` has scored and the active one has not."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    old = get_object_or_404(ModelVersion, dataset=dataset, number=number)
    with mistakes_shown(request):
        return _started(request, dataset, scored_by(dataset, old, but_by=scoring_version(dataset=dataset)))
    return redirect("scoring:score_list", slug)


@login_required
@require_POST
def batch_again(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Score the micrographs of a batch with the active version."""
    batch = get_object_or_404(Batch.objects.visible_to(request.user).select_related("model_version__dataset"), pk=pk)
    dataset = dataset_or_404(request, batch.model_version.dataset.slug, role=Role.CURATOR)
    with mistakes_shown(request):
        return _started(request, dataset, micrographs_of(dataset, batch))
    return redirect("scoring:batch", pk)


def _started(request: SignedInRequest, dataset: Dataset, keys: list[uuid.UUID]) -> HttpResponse:
    """The page of a new batch. Raises MicroDBError where there is nothing to score."""
    if not keys:
        raise MicroDBError(
            _("There is nothing to score: no micrograph was chosen, or all have a verdict."), code="empty"
        )
    batch = score_selection(dataset=dataset, keys=keys, version=scoring_version(dataset=dataset), by=request.user)
    enqueue_batch(batch)
    return redirect("scoring:batch", batch.pk)
