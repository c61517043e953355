"""A dataset as a zip to take away."""

from django.contrib.auth.decorators import login_required
from django.http import StreamingHttpResponse
from django.views.decorators.http import require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.import_export.export import export_zip


@login_required
@require_safe
def export(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    """Masters, manifest and card; sent while it is packed, so that its size does not matter."""
    dataset = dataset_or_404(request, slug)
    if request.method == "GET":
        services.record_export(dataset=dataset)
    response = StreamingHttpResponse(export_zip(dataset), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{dataset.slug}.zip"'
    return response
