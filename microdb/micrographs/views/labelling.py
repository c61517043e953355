"""Labelling with the keyboard: the page, its queue, and one label at a time."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.keyset import Keyset, moment
from microdb.micrographs.access import dataset_or_404, shown_or_404
from microdb.micrographs.gallery.filter import UNLABELLED, GalleryFilter
from microdb.micrographs.labelling.page_data import classes_with_exemplars, labelling_items, labelling_progress
from microdb.micrographs.models import Dataset, MicrographQuerySet, Role
from microdb.micrographs.services import set_label
from microdb.micrographs.views.bulk import keys
from microdb.micrographs.views.pages import dataset_page

OLDEST = Keyset("created_at", moment)
BATCH = 20
"""Micrographs sent to the page at once; it asks again before they run out."""


@login_required
@require_safe
def labelling(request: SignedInRequest, slug: str) -> HttpResponse:
    """One micrograph at a time; without filters in the address the unlabelled ones."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    first = labelling_items(_queue(dataset, request.GET)[:BATCH])
    context = {
        **classes_with_exemplars(dataset),
        "first": first,
        "progress": labelling_progress(dataset),
        "queue": reverse("micrographs:labelling_queue", args=[slug]),
        "query": request.GET.urlencode(),
        "filtered": GalleryFilter.from_query(request.GET, dataset).active or "all" in request.GET,
    }
    return dataset_page(request, "micrographs/micrograph_label.html", dataset, "labelling", context)


@login_required
@require_safe
def labelling_queue(request: SignedInRequest, slug: str) -> JsonResponse:
    """The next micrographs after ``?after=<id>`` in the same queue."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    queue = _queue(dataset, request.GET)
    after = request.GET.get("after")
    if after:
        last = get_object_or_404(dataset.shown(), pk__in=keys([after]))
        return JsonResponse({"items": labelling_items(OLDEST.beyond(queue, OLDEST.place_of(last))[:BATCH])})
    return JsonResponse({"items": labelling_items(queue[:BATCH])})


@login_required
@require_POST
def label_one(request: SignedInRequest, slug: str, pk: uuid.UUID) -> JsonResponse:
    """Save one label; an empty one takes it back."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    micrograph = shown_or_404(request, dataset.micrographs.kept(), pk)
    label = request.POST.get("label", "")
    try:
        set_label(micrographs=[micrograph], label=label, by=request.user, seen=request.POST.get("seen"))
    except MicroDBError as error:
        micrograph.refresh_from_db()
        mistake = {"code": error.code, "message": error.message, "label": micrograph.answer}
        return JsonResponse(mistake, status=error.status)
    return JsonResponse({"id": str(pk), "label": label, **labelling_progress(dataset)})


def _queue(dataset: Dataset, query: QueryDict) -> MicrographQuerySet:
    chosen = GalleryFilter.from_query(query, dataset)
    ready = dataset.shown().ready()
    if not chosen.active and "all" not in query:
        chosen = GalleryFilter(dataset, label=UNLABELLED)
    return chosen.apply(ready).select_related("material_class", "dataset").order_by("created_at", "id")
