"""A dataset as a zip to take away."""

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.files import AnyAccept
from microdb.micrographs.import_export.export import export_zip


class DatasetExport(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        """The dataset as a zip: originals, manifest, specimens and card; sent while it is packed."""
        dataset = dataset_or_404(request, slug)
        if request.method == "GET":
            services.record_export(dataset=dataset)
        response = StreamingHttpResponse(export_zip(dataset), content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="{dataset.slug}.zip"'
        return response
