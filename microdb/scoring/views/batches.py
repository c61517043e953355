"""A batch: its progress, its results, its CSV file."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.csv_lines import CSV_TYPE, csv_lines
from microdb.live import live
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Role, Split
from microdb.micrographs.views.bulk import undo_offered
from microdb.scoring.batch_pdf import batch_pdf as pdf_of
from microdb.scoring.batch_results import batch_items, csv_rows, reason, result_items
from microdb.scoring.batch_review import STANDINGS, in_order, page_of, review
from microdb.scoring.models import Batch, BatchItem
from microdb.scoring.services import BatchInput, cancel_batch, create_batch
from microdb.scoring.tasks import enqueue_batch
from microdb.scoring.views.scores import may_score
from microdb.training.models import ModelVersion
from microdb.training.services import scoring_version

ITEMS_PER_PAGE = 60


@login_required
@require_POST
def batch_create(request: SignedInRequest, slug: str) -> HttpResponse:
    """Score all micrographs of split quiz."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    held_out = dataset.shown().ready().filter(split=Split.QUIZ).order_by("filename", "pk")
    inputs = [BatchInput(micrograph.filename, micrograph) for micrograph in held_out]
    made = create_batch(model_version=scoring_version(dataset=dataset), items=inputs, by=request.user)
    enqueue_batch(made)
    return redirect("scoring:batch", made.pk)


@login_required
@require_safe
def batch(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    context = _context(request, _visible(request, pk))
    return render(request, "scoring/batch_detail.html", context | undo_offered(request, context["dataset"]))


@login_required
@require_safe
def batch_progress(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """The live part of the batch's page."""
    context = _context(request, _visible(request, pk))
    one = context["batch"]
    rows = [(item.filename, item.state, remark, _label(item)) for item, remark in context["rows"]]
    counts = (one.total, one.done, one.waiting, one.cancelled_at, one.started_at, context["withheld"])
    return live(request, "scoring/_batch_progress.html", context, shown=(counts, rows))


@login_required
@require_safe
def batch_csv(request: SignedInRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    found = _visible(request, pk)
    rows = csv_rows(batch_items(found, request.user), found.model_version)
    response = StreamingHttpResponse(csv_lines(rows), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{found.model_version.dataset.slug}-scores.csv"'
    return response


@login_required
@require_safe
def batch_pdf(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    found = _visible(request, pk)
    dataset = found.model_version.dataset
    dataset.viewer = request.user
    response = HttpResponse(pdf_of(found, dataset), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{dataset.slug}-batch.pdf"'
    return response


@login_required
@require_POST
def batch_cancel(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    found = _visible(request, pk)
    dataset_or_404(request, found.model_version.dataset.slug, role=Role.CURATOR)
    count = cancel_batch(batch=found)
    messages.success(request, ngettext("Cancelled %d score.", "Cancelled %d scores.", count) % count)
    return redirect("scoring:batch", pk)


def _label(item: BatchItem) -> str:
    return item.micrograph.label if item.micrograph else ""


def _visible(request: SignedInRequest, pk: uuid.UUID) -> Batch:
    rows = Batch.objects.visible_to(request.user).with_counts().select_related("model_version__dataset", "requested_by")
    return get_object_or_404(rows, pk=pk)


def _context(request: SignedInRequest, found: Any) -> dict[str, Any]:
    dataset = found.model_version.dataset
    dataset.viewer = request.user
    reviewed = None if found.waiting or found.is_open else review(found, dataset)
    show = request.GET.get("show", "")
    places = reviewed.chosen(show) if reviewed else in_order(found)
    items = result_items(found, request.user)
    page = page_of(places, items, request.GET, ITEMS_PER_PAGE)
    active = ModelVersion.objects.filter(dataset=dataset, is_active=True).only("number").first()
    return {
        "dataset": dataset,
        "tab": "scoring",
        "batch": found,
        "page": page,
        "review": reviewed,
        "show": show if reviewed and show in STANDINGS else "",
        "standings": [(name, text, reviewed.counts[name]) for name, text in STANDINGS.items()] if reviewed else [],
        "withheld": found.total - found.items.shown_to(request.user).count(),
        "rows": [(item, reason(item)) for item in page],
        "may_score": may_score(request, dataset),
        "active": active if active and active.pk != found.model_version_id else None,
    }
