"""The gallery of a dataset, its trash, and what is done to many micrographs at once."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs.access import dataset_or_404, open_to_visitors, readable_or_404
from microdb.micrographs.forms import label_choices
from microdb.micrographs.gallery.facets import LISTED, facets_of, listed_facet
from microdb.micrographs.gallery.filter import SIZES, SORTS, GalleryFilter
from microdb.micrographs.gallery.prediction_facets import TITLES, listed_of_predictions, prediction_facet
from microdb.micrographs.gallery.predictions import with_predictions
from microdb.micrographs.gallery.specimen_list import FACETS, facet_of_gallery, listed_of_specimens
from microdb.micrographs.gallery.warnings import with_warnings
from microdb.micrographs.models import Dataset, Micrograph, MicrographQuerySet, Role, Split
from microdb.micrographs.services.bulk import role_for
from microdb.micrographs.views import bulk
from microdb.micrographs.views.pages import back_to, dataset_page, mistakes_shown
from microdb.paging import LongPaginator

PER_PAGE = 60


@open_to_visitors
def gallery(request: SignedInRequest, slug: str) -> HttpResponse:
    """Thumbnails under the filters of the address."""
    dataset = readable_or_404(request, slug)
    chosen = GalleryFilter.from_query(request.GET, dataset)
    counted = facets_of(chosen)
    context = {
        "page": _page(chosen, counted.total, request.GET.get("page")),
        "there_are_more": counted.there_are_more,
        "chosen": chosen,
        "query": chosen.query(),
        "facets": counted.facets,
        "listed_facets": _listed(chosen),
        "list_url": reverse("micrographs:gallery", args=[slug]),
        "sorts": SORTS,
        "sizes": SIZES,
        "labels": label_choices(dataset, _("unlabelled")),
        "splits": Split.choices,
        "withheld": len(dataset.withheld),
        **bulk.undo_offered(request, dataset),
    }
    return dataset_page(request, "micrographs/micrograph_gallery.html", dataset, "gallery", context)


@open_to_visitors
@require_safe
def facet(request: SignedInRequest, slug: str, name: str) -> HttpResponse:
    """The values of one facet under the gallery's other filters, when it is opened."""
    dataset = readable_or_404(request, slug)
    chosen = GalleryFilter.from_query(request.GET, dataset)
    if name in FACETS:
        facet = facet_of_gallery(name, chosen)
    elif name in TITLES:
        facet = prediction_facet(name, chosen)
    elif name in LISTED:
        facet = listed_facet(name, chosen)
    else:
        raise Http404
    context = {"facet": facet, "list_url": reverse("micrographs:gallery", args=[slug])}
    return render(request, "micrographs/_facet_options.html", context)


@login_required
def trash(request: SignedInRequest, slug: str) -> HttpResponse:
    """What was put in the trash, the latest first."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    found = dataset.shown().exclude(trashed_at=None).order_by("-trashed_at", "id")
    page = Paginator(found.select_related("material_class", "dataset"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, **bulk.undo_offered(request, dataset)}
    return dataset_page(request, "micrographs/micrograph_trash.html", dataset, "gallery", context)


@login_required
@require_POST
def bulk_change(request: SignedInRequest, slug: str) -> HttpResponse:
    """One action on the chosen micrographs, undoable from the next page."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    with mistakes_shown(request):
        done = bulk.apply(micrographs=selected(request, dataset), given=request.POST, by=request.user)
        if not (done.undo and bulk.keep_undo(request, dataset, done.sentence, done.undo)):
            messages.success(request, done.sentence)
    return _back(request, dataset)


@login_required
@require_POST
def bulk_undo(request: SignedInRequest, slug: str) -> HttpResponse:
    """Put back what the last bulk action changed."""
    dataset = dataset_or_404(request, slug, role=Role.LABELLER)
    kept = request.session.pop(bulk.UNDO, None)
    if kept is None or kept["dataset"] != dataset.pk:
        messages.warning(request, _("There is nothing left to undo."))
    else:
        dataset_or_404(request, slug, role=role_for(kept["steps"]))
        with mistakes_shown(request):
            count = bulk.undo(dataset=dataset, steps=kept["steps"], by=request.user)
            messages.success(
                request, ngettext("%d micrograph is as before.", "%d micrographs are as before.", count) % count
            )
    return _back(request, dataset)


def _page(chosen: GalleryFilter, total: int, number: str | None) -> "Page[Micrograph]":
    """A page of micrographs with their warnings."""
    keys = chosen.ordered(chosen.apply(chosen.dataset.shown().kept()))
    rows = with_warnings(Micrograph.objects.select_related("material_class", "dataset"))
    if chosen.predictions.active:
        rows = with_predictions(chosen.dataset, rows)
    return LongPaginator(keys, PER_PAGE, rows=rows, count=total).get_page(number)


def _listed(chosen: GalleryFilter) -> list[tuple[str, Any, str]]:
    """Name, title and chosen value of the facets that are counted when somebody opens them."""
    listed = [(name, title, getattr(chosen, name)) for name, (_column, title) in LISTED.items()]
    return [*listed_of_predictions(chosen), *listed[:1], *listed_of_specimens(chosen), *listed[1:]]


def selected(request: SignedInRequest, dataset: Dataset) -> MicrographQuerySet:
    """The ticked micrographs, or all that the gallery's filters match."""
    micrographs = dataset.shown()
    if request.POST.get("everything"):
        chosen = GalleryFilter.from_query(QueryDict(request.POST.get("query", "")), dataset)
        return chosen.apply(micrographs.kept())
    return micrographs.filter(pk__in=bulk.keys(request.POST.getlist("micrograph")))


def _back(request: SignedInRequest, dataset: Dataset) -> HttpResponse:
    """To the page with the same filters from which the action was sent."""
    return back_to(request, reverse("micrographs:gallery", args=[dataset.slug]))
