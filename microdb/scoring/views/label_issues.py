"""Labels that a model version contradicts: their list, and the queue in which they are kept or changed by keys."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.labelling.page_data import classes_with_exemplars, labelling_items
from microdb.micrographs.models import Role
from microdb.micrographs.views.pages import dataset_page
from microdb.scoring.label_issues import PLACES, count_issues, label_issues
from microdb.scoring.models import LabelCheck
from microdb.scoring.services import keep_label

PER_PAGE = 48
BATCH = 20


@login_required
@require_safe
def issue_list(request: SignedInRequest, slug: str) -> HttpResponse:
    """The dataset's label issues with their evidence; with ``?kept=1`` those whose label was kept."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    kept = request.GET.get("kept") == "1"
    context = {
        "page": PLACES.page(label_issues(dataset, kept=kept), request.GET, PER_PAGE),
        "counts": count_issues(dataset),
        "kept": kept,
    }
    return dataset_page(request, "scoring/label_issues.html", dataset, "labelling", context)


@login_required
@require_safe
def issue_review(request: SignedInRequest, slug: str) -> HttpResponse:
    """The labelling page with the label issues, the most severe first."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    context = {
        **classes_with_exemplars(dataset),
        "first": _items(label_issues(dataset)[:BATCH]),
        "progress": {"labelled": 0, "total": count_issues(dataset).open},
        "queue": reverse("scoring:suspect_queue", args=[slug]),
        "query": "",
        "filtered": True,
        "review": True,
    }
    return dataset_page(request, "micrographs/micrograph_label.html", dataset, "labelling", context)


@login_required
@require_safe
def issue_queue(request: SignedInRequest, slug: str) -> JsonResponse:
    """The label issues after ``?after=``, the place of the last one."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    return JsonResponse({"items": _items(PLACES.after(label_issues(dataset), request.GET.get("after", ""))[:BATCH])})


@login_required
@require_POST
def issue_keep(request: SignedInRequest, slug: str, pk: uuid.UUID) -> JsonResponse:
    """Keep a label, or with an empty ``kept`` put it back among those to check."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    try:
        kept = bool(request.POST.get("kept"))
        check = keep_label(dataset=dataset, micrograph=pk, kept=kept, seen=request.POST.get("seen"))
    except MicroDBError as error:
        return JsonResponse({"code": error.code, "message": error.message}, status=error.status)
    return JsonResponse({"id": str(pk), "kept": check.kept})


def _items(checks: Iterable[LabelCheck]) -> list[dict[str, Any]]:
    """What the page's script needs of each: the micrograph, its place in the list, and the evidence."""
    rows = list(checks)
    return [
        item
        | {
            "place": PLACES.text_of(check),
            "keep": reverse("scoring:suspect_keep", args=[check.micrograph.dataset.slug, check.pk]),
            "predicted": check.predicted,
            "probability": check.probability,
            "for_label": check.for_label,
            "version": check.version_number,
        }
        for check, item in zip(rows, labelling_items(check.micrograph for check in rows), strict=True)
    ]
