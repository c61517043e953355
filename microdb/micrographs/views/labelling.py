"""Labelling with the keyboard: the page, its queue, and one label at a time."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Sum
from django.db.models.functions import JSONObject
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.gallery.filter import UNLABELLED, GalleryFilter
from microdb.micrographs.models import Dataset, Micrograph, MicrographQuerySet, Role
from microdb.micrographs.services import set_label
from microdb.micrographs.views.bulk import keys
from microdb.micrographs.views.pages import dataset_page

BATCH = 20
"""Micrographs sent to the page at once; it asks again before they run out."""
EXEMPLARS = 60
"""Of each class, sent to the page, which shows the three whose scale is nearest to the present micrograph's."""
KEYS = 9


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
        last = get_object_or_404(Micrograph, dataset=dataset, pk__in=keys([after]))
        queue = queue.filter(Q(created_at__gt=last.created_at) | Q(created_at=last.created_at, pk__gt=last.pk))
    return JsonResponse({"items": labelling_items(queue[:BATCH])})


@login_required
@require_POST
def label_one(request: SignedInRequest, slug: str, pk: uuid.UUID) -> JsonResponse:
    """Save one label; an empty one takes it back."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    micrograph = get_object_or_404(Micrograph.objects.kept(), dataset=dataset, pk=pk)
    label = request.POST.get("label", "")
    try:
        set_label(micrographs=[micrograph], label=label, by=request.user, seen=request.POST.get("seen"))
    except MicroDBError as error:
        micrograph.refresh_from_db()
        mistake = {"code": error.code, "message": error.message, "label": micrograph.answer}
        return JsonResponse(mistake, status=409 if error.code == "changed" else 400)
    return JsonResponse({"id": str(pk), "label": label, **labelling_progress(dataset)})


def _queue(dataset: Dataset, query: QueryDict) -> MicrographQuerySet:
    chosen = GalleryFilter.from_query(query, dataset)
    ready = Micrograph.objects.ready().filter(dataset=dataset)
    if not chosen.active and "all" not in query:
        chosen = GalleryFilter(dataset, label=UNLABELLED)
    return chosen.apply(ready).select_related("material_class", "dataset").order_by("created_at", "id")


def labelling_items(micrographs: Iterable[Micrograph]) -> list[dict[str, Any]]:
    """What the page's script needs of each micrograph; the width is the master's, in pixels."""
    return [
        {
            "id": str(m.pk),
            "filename": m.filename,
            "image": reverse("micrographs:micrograph_image", args=[m.pk]),
            "page": reverse("micrographs:micrograph", args=[m.dataset.slug, m.pk]),
            "save": reverse("micrographs:label_one", args=[m.dataset.slug, m.pk]),
            "width": m.width,
            "height": m.height,
            "pixels_per_micrometre": m.pixels_per_micrometre,
            "specimen": m.specimen,
            "label": m.answer,
        }
        for m in micrographs
    ]


def labelling_progress(dataset: Dataset) -> dict[str, int]:
    """How many of the ready micrographs are labelled."""
    labelled = Sum("count", filter=Q(material_class__isnull=False) | Q(none_of_these=True), default=0)
    ready = dataset.micrograph_counts.filter(state=Micrograph.State.READY)
    return ready.aggregate(labelled=labelled, total=Sum("count", default=0))


def classes_with_exemplars(dataset: Dataset) -> dict[str, Any]:
    """``classes`` in the order of their keys, and ``exemplars``: by class name its first micrographs, src and scale."""
    of_class = Micrograph.objects.ready().filter(dataset=dataset, material_class=OuterRef("pk"))
    fields = JSONObject(pk="pk", scale="pixels_per_micrometre")
    first = of_class.order_by("created_at", "id").values(fields=fields)[:EXEMPLARS]
    classes: list[Any] = list(dataset.material_classes.order_by("position").annotate(known=ArraySubquery(first)))
    for number, material_class in enumerate(classes, start=1):
        material_class.key = number if number <= KEYS else None
    return {"classes": classes, "exemplars": {one.name: [_exemplar(known) for known in one.known] for one in classes}}


def _exemplar(known: dict[str, Any]) -> dict[str, Any]:
    return {"src": reverse("micrographs:micrograph_thumbnail", args=[known["pk"]]), "scale": known["scale"]}
