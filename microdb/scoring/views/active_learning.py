"""Active learning: the pages that choose the unlabelled micrographs to label next."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.labelling.page_data import classes_with_exemplars, labelling_items, labelling_progress
from microdb.micrographs.models import Dataset, Micrograph, MicrographQuerySet, Role
from microdb.micrographs.views.pages import mistakes_shown
from microdb.scoring.active_learning import ORDERS, next_to_label, to_label
from microdb.scoring.models import Score
from microdb.scoring.services import BatchInput, create_batch
from microdb.scoring.tasks import enqueue_batch
from microdb.training.models import ModelVersion
from microdb.training.services import scoring_version

PER_PAGE = 48
BATCH = 20


@login_required
@require_safe
def next_page(request: SignedInRequest, slug: str) -> HttpResponse:
    """The unlabelled micrographs that are the most informative for the active version."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    version = _active(dataset)
    order = _order(request)
    scores = next_to_label(dataset, version, order) if version else []
    context = {
        "dataset": dataset,
        "tab": "labelling",
        "version": version,
        "order": order,
        "orders": ORDERS,
        "page": Paginator(scores, PER_PAGE).get_page(request.GET.get("page")),
        "unscored": _unscored(dataset, version).count() if version else 0,
    }
    return render(request, "scoring/next_to_label.html", context)


@login_required
@require_safe
def next_labelling(request: SignedInRequest, slug: str) -> HttpResponse:
    """The labelling page, in that order."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    context = {
        "dataset": dataset,
        "tab": "labelling",
        **classes_with_exemplars(dataset),
        "first": labelling_items(_queue(request, dataset)[:BATCH]),
        "progress": labelling_progress(dataset),
        "queue": reverse("scoring:next_queue", args=[slug]),
        "query": f"order={_order(request)}",
        "filtered": True,
    }
    return render(request, "micrographs/micrograph_label.html", context)


@login_required
@require_safe
def next_queue(request: SignedInRequest, slug: str) -> JsonResponse:
    """The micrographs after ``?after=<id>``, without those labelled meanwhile."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    queue = _queue(request, dataset)
    keys = [str(one.pk) for one in queue]
    after = request.GET.get("after", "")
    start = keys.index(after) + 1 if after in keys else 0
    return JsonResponse({"items": labelling_items(queue[start : start + BATCH])})


@login_required
@require_POST
def score_unlabelled(request: SignedInRequest, slug: str) -> HttpResponse:
    """Have the active version score what has no label yet, in the background."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    with mistakes_shown(request):
        version = scoring_version(dataset=dataset)
        waiting = _unscored(dataset, version).select_related("dataset", "material_class")
        items = [BatchInput(one.filename, one) for one in waiting]
        batch = create_batch(model_version=version, items=items, by=request.user)
        enqueue_batch(batch)
        return redirect("scoring:batch", batch.pk)
    return redirect("scoring:next_to_label", slug)


def _active(dataset: Dataset) -> ModelVersion | None:
    return ModelVersion.objects.filter(dataset=dataset, is_active=True).select_related("dataset").first()


def _order(request: SignedInRequest) -> str:
    order = request.GET.get("order", "")
    return order if order in ORDERS else next(iter(ORDERS))


def _queue(request: SignedInRequest, dataset: Dataset) -> list[Micrograph]:
    version = _active(dataset)
    scores = next_to_label(dataset, version, _order(request)) if version else []
    return [score.micrograph for score in scores]


def _unscored(dataset: Dataset, version: ModelVersion) -> MicrographQuerySet:
    scored = Score.objects.live_or_done().filter(model_version=version).values("micrograph")
    return to_label(dataset).exclude(pk__in=scored)
