"""The table of specimens: downloaded, and applied after its changes were shown; that can be undone."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from microdb.accounts.requests import SignedInRequest
from microdb.csv_lines import CSV_TYPE
from microdb.errors import MicroDBError
from microdb.manifest import SPECIMENS
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.gallery.specimen_list import specimen_entries
from microdb.micrographs.import_export.specimen_updates import SpecimenUpdates, specimen_updates
from microdb.micrographs.import_export.specimens_csv import parse_specimens, specimens_csv
from microdb.micrographs.models import Dataset, Role, SpecimenChange
from microdb.micrographs.validation.specimen_columns import COLUMNS
from microdb.micrographs.views.pages import dataset_page, mistakes_shown

FIELD = "table"
SHOWN = 200
"""Changes, and problems, that the page lists."""
UNDO = "specimens_undo"
"""Session key of what the last table can be undone with."""


@login_required
@require_safe
def specimens_download(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    """All specimens, also those of which only the name is known: to fill in and to upload again."""
    dataset = dataset_or_404(request, slug)
    lines = specimens_csv(one.specimen for one in specimen_entries(dataset))
    response = StreamingHttpResponse(lines, content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{dataset.slug}-{SPECIMENS}"'
    return response


@login_required
def specimens_apply(request: SignedInRequest, slug: str) -> HttpResponse:
    """A POST with ``table`` shows what it would change; with the ``digest`` of that, it is done."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    if request.method != "POST":
        return _page(request, dataset, {})
    try:
        found = _updates(request, dataset)
        agreed = request.POST.get("digest", "")
        if agreed and agreed == found.digest and (records := _chosen(request, found)):
            return _apply(request, dataset, records)
    except MicroDBError as error:
        return _page(request, dataset, {"error": error.message})
    stale = bool(agreed) and agreed != found.digest
    return _page(request, dataset, _shown(found) | {"stale": stale, "none_chosen": agreed == found.digest})


@login_required
@require_POST
def specimens_undo(request: SignedInRequest, slug: str) -> HttpResponse:
    """Put back what the last table changed."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    kept = request.session.pop(UNDO, None)
    if kept is None or kept["dataset"] != dataset.pk:
        messages.warning(request, _("There is nothing left to undo."))
    else:
        changes = SpecimenChange.objects.select_related("specimen__dataset").filter(
            specimen__dataset=dataset, pk__in=kept["changes"]
        )
        with mistakes_shown(request):
            count = services.revert_specimen_changes(changes=changes, by=request.user)
            text = ngettext("%d specimen is as before.", "%d specimens are as before.", count)
            messages.success(request, text % count)
    return redirect("micrographs:specimen_list", slug)


def _updates(request: SignedInRequest, dataset: Dataset) -> SpecimenUpdates:
    file = request.FILES.get(FIELD)
    if file is None or file.file is None:
        raise MicroDBError(_("Choose a CSV file; none was sent."), code="required")
    return specimen_updates(dataset, parse_specimens(file.file, file.name or SPECIMENS))


def _chosen(request: SignedInRequest, found: SpecimenUpdates) -> dict[str, Any]:
    """The new values by specimen; those that no micrograph names only where that was asked for."""
    unused = found.unused if request.POST.get("unused") else []
    return {one.name: one.after for one in [*found.updates, *unused]}


def _shown(found: SpecimenUpdates) -> dict[str, Any]:
    return {
        "found": found,
        "updates": found.updates[:SHOWN],
        "unused": found.unused[:SHOWN],
        "problems": found.problems[:SHOWN],
    }


def _apply(request: SignedInRequest, dataset: Dataset, records: dict[str, Any]) -> HttpResponse:
    changes = services.update_specimens(dataset=dataset, records=records, by=request.user)
    count = len(changes)
    text = ngettext("The CSV changed %d specimen.", "The CSV changed %d specimens.", count) % count
    request.session[UNDO] = {"dataset": dataset.pk, "sentence": text, "changes": [one.pk for one in changes]}
    address = reverse("micrographs:specimen_list", args=[dataset.slug])
    if request.htmx:  # type: ignore[attr-defined] # set by its middleware
        return HttpResponseClientRedirect(address)
    return redirect(address)


def _page(request: SignedInRequest, dataset: Dataset, context: dict[str, Any]) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined] # set by its middleware
        return render(request, "micrographs/_specimen_updates.html", {"dataset": dataset} | context)
    frame = {"columns": COLUMNS, "field": FIELD, **context}
    return dataset_page(request, "micrographs/specimens_apply.html", dataset, "specimens", frame)
