"""The list of a dataset's scores, and one score."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh, trigger_client_event

from microdb.accounts.requests import SignedInRequest
from microdb.jobs import Job
from microdb.keyset import Keyset, moment
from microdb.live import live
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Dataset, Micrograph, Role, Split, counted
from microdb.micrographs.views.bulk import undo_offered
from microdb.scoring.area_fractions import fractions_around
from microdb.scoring.cards import card_of
from microdb.scoring.forms import ScoreFilterForm, ScoreUploadForm
from microdb.scoring.map_facts import map_facts
from microdb.scoring.models import Batch, Score
from microdb.scoring.services import cancel_score
from microdb.training.models import ModelVersion

NEWEST = Keyset("created_at", moment, downwards=True)
SCORES_PER_PAGE = 50
BATCHES_SHOWN = 5
UNTRAINED = "untrained-results"
"""The id of the results on a page that was loaded before there was a model."""


@login_required
@require_safe
def score_list(request: SignedInRequest, slug: str) -> HttpResponse:
    dataset = dataset_or_404(request, slug)
    form = ScoreFilterForm(request.GET, dataset=dataset)
    scores = form.apply(Score.objects.with_page_rows().filter(dataset=dataset).exclude(micrograph__in=dataset.withheld))
    asked = form.cleaned_data.get("micrograph")
    batches = Batch.objects.filter(model_version__dataset=dataset).with_kept_counts().select_related("model_version")
    context: dict[str, Any] = {
        "dataset": dataset,
        "tab": "scoring",
        "filter_form": form,
        "scale_form": ScoreUploadForm(),
        "scores": NEWEST.page(scores, request.GET, SCORES_PER_PAGE),
        "version": ModelVersion.objects.filter(dataset=dataset, is_active=True).only("number").first(),
        "micrograph": dataset.shown().stored().filter(pk=asked).first() if asked else None,
        "may_score": may_score(request, dataset),
        "held_out": _held_out(dataset),
        "again": _old_version(form, dataset) if may_score(request, dataset) else None,
        "batches": list(batches[:BATCHES_SHOWN]),
        "training": ModelVersion.objects.active().filter(dataset=dataset).order_by("created_at").first(),
    }
    context["any_active"] = (
        any(one.is_active for one in context["scores"])
        or any(one.waiting for one in context["batches"])
        or (context["training"] and not context["version"])
    )
    if request.htmx:  # type: ignore[attr-defined] # set by its middleware
        if context["version"] and request.htmx.target == UNTRAINED:  # type: ignore[attr-defined]
            return HttpResponseClientRefresh()  # now there is a form for files
        return live(request, "scoring/_score_results.html", context, shown=_shown(context))
    return render(request, "scoring/score_list.html", context | undo_offered(request, dataset))


def _old_version(form: ScoreFilterForm, dataset: Dataset) -> int | None:
    """The number of the version that the list is filtered by, if it is not the active one."""
    number = form.cleaned_data.get("version")
    active = dataset.model_versions.filter(is_active=True).values_list("number", flat=True).first()
    return int(number) if number and active is not None and int(number) != active else None


def _shown(context: dict[str, Any]) -> tuple[object, ...]:
    """What of the list changes while something is trained or scored."""
    scores = [(one.pk, one.state, one.progress, one.micrograph.label) for one in context["scores"]]
    batches = [(one.pk, one.done, one.waiting, one.total, one.cancelled_at) for one in context["batches"]]
    version, training = context["version"], context["training"]
    about_training = training and (training.number, training.state, training.progress)
    return scores, batches, version and version.number, about_training


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
    found = score_or_404(request, pk)
    dataset = found.model_version.dataset
    context = {
        "dataset": dataset,
        "tab": "scoring",
        "score": found,
        "crops_on_map": [(*place, 0)[:3] for place in found.descriptors],  # older scores have places alone
        "card": card_of(found),
        "map": map_facts(found),
        "area": fractions_around(found, request.user) if found.state == Job.State.DONE else None,
        "may_score": may_score(request, dataset),
        **undo_offered(request, dataset),
    }
    return render(request, "scoring/score_detail.html", context)


@login_required
@require_safe
def score_card(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """The card of one score, which a page polls until there is a verdict; the score's own page is then loaded anew."""
    found, card = (one := score_or_404(request, pk)), card_of(one)
    if not found.is_active and request.htmx.current_url_abs_path == reverse("scoring:score", args=[pk]):  # type: ignore[attr-defined] # set by its middleware
        return HttpResponseClientRefresh()
    shown = (found.state, found.progress, card.ahead)
    context = {"card": card, "dataset": found.model_version.dataset}
    response = live(request, "scoring/_score_card.html", context, shown=shown)
    return response if found.is_active else trigger_client_event(response, "scored")


@login_required
@require_POST
def score_cancel(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    found = score_or_404(request, pk)
    dataset_or_404(request, found.model_version.dataset.slug, role=Role.CURATOR)
    cancel_score(score=found)
    return redirect("scoring:score", pk)


def may_score(request: SignedInRequest, dataset: Dataset) -> bool:
    return Dataset.objects.visible_to(request.user, Role.CURATOR).filter(pk=dataset.pk).exists()


def score_or_404(request: SignedInRequest, pk: uuid.UUID) -> Score:
    return get_object_or_404(Score.objects.visible_to(request.user).with_page_rows(), pk=pk)
