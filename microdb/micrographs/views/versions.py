"""Frozen versions: freeze, list with what trained on each, compare two."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.curation.version_comparison import compare_versions
from microdb.micrographs.models import Role
from microdb.micrographs.views.pages import dataset_page, mistakes_shown

PER_PAGE = 30


@login_required
@require_safe
def version_list(request: SignedInRequest, slug: str) -> HttpResponse:
    """The latest first; two can be compared."""
    dataset = dataset_or_404(request, slug)
    found = dataset.versions.select_related("created_by").prefetch_related("model_versions").order_by("-number")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return dataset_page(request, "micrographs/dataset_versions.html", dataset, "settings", {"page": page})


@login_required
@require_POST
def version_freeze(request: SignedInRequest, slug: str) -> HttpResponse:
    """Freeze the dataset as it is now."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    with mistakes_shown(request):
        last = dataset.versions.first()
        version = services.freeze_dataset(dataset=dataset, by=request.user, note=request.POST.get("note", ""))
        if last == version:
            messages.info(request, _("Nothing has changed since version %d, so no new version was made.") % last.number)
        else:
            messages.success(request, _("Version %d is frozen.") % version.number)
    return redirect("micrographs:version_list", slug)


@login_required
@require_safe
def version_compare(request: SignedInRequest, slug: str) -> HttpResponse:
    """What changed from version ``?before=`` to version ``?after=``."""
    dataset = dataset_or_404(request, slug)
    numbers = [request.GET.get(name, "") for name in ("before", "after")]
    if not all(number.isascii() and number.isdigit() and len(number) < 9 for number in numbers):
        messages.error(request, _("Choose two versions to compare."))
        return redirect("micrographs:version_list", slug)
    before, after = (get_object_or_404(dataset.versions, number=number) for number in sorted(map(int, numbers)))
    context = {"before": before, "after": after, "comparison": compare_versions(before, after)}
    return dataset_page(request, "micrographs/dataset_compare.html", dataset, "settings", context)
