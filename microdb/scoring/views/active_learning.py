"""Active learning: the pages that choose the unlabelled micrographs to label next."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.jobs import Job
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.labelling.page_data import classes_with_exemplars, labelling_items, labelling_progress
from microdb.micrographs.models import Dataset, Micrograph, Role
from microdb.micrographs.views.bulk import keys
from microdb.micrographs.views.pages import mistakes_shown
from microdb.scoring.active_learning import ORDERS, PLACES, count_unscored, next_to_label, unscored
from microdb.scoring.models import UNKNOWN, Score
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
    context = {
        "dataset": dataset,
        "tab": "labelling",
        "version": version,
        "order": order,
        "orders": ORDERS,
        "page": PLACES[order].page(next_to_label(dataset, version), request.GET, PER_PAGE) if version else None,
        "unscored": count_unscored(dataset, version) if version else 0,
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
        "first": labelling_items(_queue(request, dataset)),
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
    return JsonResponse({"items": labelling_items(_queue(request, dataset, request.GET.get("after", "")))})


@login_required
@require_POST
def score_unlabelled(request: SignedInRequest, slug: str) -> HttpResponse:
    """Have the active version score what has no label yet, in the background."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    with mistakes_shown(request):
        version = scoring_version(dataset=dataset)
        waiting = unscored(dataset, version).select_related("dataset", "material_class")
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


def _queue(request: SignedInRequest, dataset: Dataset, after: str = "") -> list[Micrograph]:
    """The first micrographs of the order, or those after one; from the start where the version has no score of it."""
    version = _active(dataset)
    if version is None:
        return []
    order, scores = PLACES[_order(request)], next_to_label(dataset, version)
    last = _score_of(version, after)
    waiting = order.beyond(scores, order.place_of(last)) if last else scores
    return [score.micrograph for score in order.ordered(waiting)[:BATCH]]


def _score_of(version: ModelVersion, key: str) -> Score | None:
    """The version's verdict on the micrograph with this key, which may have been labelled since."""
    done = Score.objects.filter(model_version=version, state=Job.State.DONE, micrograph__in=keys([key]))
    return done.annotate(unknown=UNKNOWN).first()
