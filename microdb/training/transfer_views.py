"""A version as a zip: export and import."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.live import live
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.access.abilities import abilities_in
from microdb.micrographs.models import Role
from microdb.micrographs.views.pages import mistakes_shown
from microdb.training import imports
from microdb.training.access import trained_or_404
from microdb.training.models import ModelImport
from microdb.training.package import package_name, write_package
from microdb.training.services import record_export
from microdb.training.tasks import enqueue_import


@login_required
@require_safe
def export(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """The zip that another site, and ``python -m classifier score``, take."""
    version = trained_or_404(request, slug, number)
    packed = write_package(version)
    if request.method == "GET":
        record_export(model_version=version)
    return HttpResponse(
        packed,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{package_name(version)}"'},
    )


@login_required
@require_POST
def import_create(request: SignedInRequest, slug: str) -> HttpResponse:
    """Store a zip for a worker to check; this process does not open it."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose the zip of an exported version."))
        return redirect("training:model_version_list", slug)
    with mistakes_shown(request), transaction.atomic():
        job = imports.request_import(
            dataset=dataset, file=file, filename=file.name or "", size=file.size or 0, by=request.user
        )
        enqueue_import(job)
        messages.success(request, _("%s was received. A worker checks it now.") % job.filename)
    return redirect("training:model_version_list", slug)


@login_required
@require_GET
def import_list(request: SignedInRequest, slug: str) -> HttpResponse:
    """The latest imports, live."""
    dataset = dataset_or_404(request, slug)
    found = imports.latest_imports(dataset)
    context = {
        "dataset": dataset,
        "imports": found,
        "imports_active": any(job.is_active for job in found),
        "may_train": abilities_in(dataset, request.user).curate,
    }
    shown = [(job.pk, job.state, job.error, job.model_version_id) for job in found]
    return live(request, "training/_imports.html", context, shown=shown)


@login_required
@require_POST
def import_cancel(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    if imports.cancel_import(job=get_object_or_404(ModelImport, dataset=dataset, pk=pk)):
        messages.success(request, _("Cancelled. Nothing was imported."))
    return redirect("training:model_version_list", slug)
