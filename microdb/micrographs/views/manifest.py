"""A manifest applied to the micrographs that a dataset has: the changes are shown first, and can be undone."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRedirect

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.manifest import COLUMNS, MANIFEST, parse_manifest
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.import_export.updates import ManifestUpdates, count_values, manifest_updates
from microdb.micrographs.models import Dataset, Role
from microdb.micrographs.services import update_micrographs
from microdb.micrographs.services.bulk import UNDOABLE, steps_of_updates
from microdb.micrographs.views import bulk
from microdb.micrographs.views.pages import dataset_page

FIELD = "manifest"
SHOWN = 200
"""Changes, and problems, that the page lists."""


@login_required
def manifest_apply(request: SignedInRequest, slug: str) -> HttpResponse:
    """A POST with ``manifest`` shows what it would change; with the ``digest`` of that, it is done."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    if request.method != "POST":
        return _page(request, dataset, {})
    try:
        found = _updates(request, dataset)
        agreed = request.POST.get("digest", "")
        if found.updates and agreed == found.digest:
            return _apply(request, dataset, found)
    except MicroDBError as error:
        return _page(request, dataset, {"error": error.message})
    return _page(request, dataset, _shown(found) | {"stale": bool(agreed)})


def _updates(request: SignedInRequest, dataset: Dataset) -> ManifestUpdates:
    file = request.FILES.get(FIELD)
    if file is None or file.file is None:
        raise MicroDBError(_("Choose a CSV file; none was sent."), code="required")
    return manifest_updates(dataset, parse_manifest(file.file, file.name or MANIFEST))


def _shown(found: ManifestUpdates) -> dict[str, Any]:
    return {
        "found": found,
        "updates": found.updates[:SHOWN],
        "problems": found.problems[:SHOWN],
        "undoable": count_values(found.updates) <= UNDOABLE,
    }


def _apply(request: SignedInRequest, dataset: Dataset, found: ManifestUpdates) -> HttpResponse:
    undo = steps_of_updates(found.updates)
    count = update_micrographs(updates=found.updates, by=request.user)
    text = ngettext("The CSV changed %d micrograph.", "The CSV changed %d micrographs.", count) % count
    if not bulk.keep_undo(request, dataset, text, undo):
        messages.success(request, text)
    if request.htmx:  # type: ignore[attr-defined] # set by its middleware
        return HttpResponseClientRedirect(reverse("micrographs:gallery", args=[dataset.slug]))
    return redirect("micrographs:gallery", dataset.slug)


def _page(request: SignedInRequest, dataset: Dataset, context: dict[str, Any]) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined] # set by its middleware
        return render(request, "micrographs/_manifest_updates.html", {"dataset": dataset} | context)
    frame = {"columns": COLUMNS, "field": FIELD, **context}
    return dataset_page(request, "micrographs/manifest_apply.html", dataset, "gallery", frame)
