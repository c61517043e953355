"""The audit log of a dataset, for its owners."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.audit_log.models import Entry
from microdb.audit_log.pages import log_context, log_file
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Role
from microdb.micrographs.views.pages import dataset_page


@login_required
@require_safe
def dataset_log(request: SignedInRequest, slug: str) -> HttpResponse:
    dataset = dataset_or_404(request, slug, role=Role.OWNER)
    context = log_context(request, Entry.objects.of_dataset(dataset.pk))
    return dataset_page(request, "micrographs/dataset_log.html", dataset, "settings", context)


@login_required
@require_safe
def dataset_log_file(request: SignedInRequest, slug: str, kind: str) -> StreamingHttpResponse:
    dataset = dataset_or_404(request, slug, role=Role.OWNER)
    return log_file(request, Entry.objects.of_dataset(dataset.pk), kind, dataset)
