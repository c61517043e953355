"""The descriptor map of a version: what its script draws, its micrographs as a table, and one of them."""

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs.access import open_to_visitors, readable_or_404, shown_or_404
from microdb.micrographs.models import Micrograph
from microdb.training.descriptor_map.figure import map_figure
from microdb.training.descriptor_map.shown import shown_map
from microdb.training.descriptor_map.tables import class_rows, micrograph_rows, outcome_bars
from microdb.training.models import ModelVersion, OutOfFold

ROWS_PER_PAGE = 50


@open_to_visitors
@require_GET
def descriptor_map(request: SignedInRequest, slug: str, number: int) -> JsonResponse:
    data = _data(_version(request, slug, number))
    return JsonResponse(map_figure(data), headers={"Cache-Control": "private, no-store"})


@open_to_visitors
@require_GET
def map_micrographs(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """The map as tables: its classes, and a page of its micrographs with their held-out answers."""
    version = _version(request, slug, number)
    data = _data(version)
    page = Paginator(micrograph_rows(data), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    keys = [one.micrograph for one in page]
    micrographs = Micrograph.objects.in_bulk(keys)
    answers = {one.micrograph_id: one for one in version.out_of_fold.filter(micrograph__in=keys)}
    rows = [(one, micrographs.get(one.micrograph), answers.get(one.micrograph)) for one in page]
    context = {
        "dataset": version.dataset,
        "version": version,
        "classes": class_rows(data),
        "threshold": data["threshold"],
        "page": page,
        "rows": [row for row in rows if row[1]],
    }
    return render(request, "training/_map_tables.html", context)


@open_to_visitors
@require_GET
def map_micrograph(request: SignedInRequest, slug: str, number: int, pk: uuid.UUID) -> HttpResponse:
    """The card of one micrograph that the version was trained on: its picture, its label, its held-out answer."""
    version = _version(request, slug, number, without=("descriptor_map", "metrics", "live"))
    kept = version.dataset.micrographs.kept().select_related("material_class")
    micrograph = shown_or_404(request, kept, pk)
    entry = get_object_or_404(version.dataset_version.entries, micrograph=micrograph)
    answer: OutOfFold | None = version.out_of_fold.filter(micrograph=micrograph).first()
    context = {
        "dataset": version.dataset,
        "micrograph": micrograph,
        "label": entry.label,
        "position": version.classes.index(entry.label) if entry.label in version.classes else None,
        "answer": answer,
        "bars": outcome_bars(answer, version.classes) if answer else [],
    }
    return render(request, "training/_map_micrograph.html", context)


def _version(request: SignedInRequest, slug: str, number: int, without: tuple[str, ...] = ()) -> ModelVersion:
    dataset = readable_or_404(request, slug)
    rows = ModelVersion.objects.select_related("dataset_version").defer(*without)
    version = get_object_or_404(rows, dataset=dataset, number=number)
    version.dataset = dataset  # which knows who looks
    return version


def _data(version: ModelVersion) -> dict[str, Any]:
    if data := shown_map(version):
        return data
    raise Http404
