"""A micrograph's files: what is shown, re-encoded by us, and the master, which is only ever downloaded."""

from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from microdb.micrographs import services
from microdb.micrographs.access import micrograph_or_404
from microdb.stored_files import open_stored


class AnyAccept(DefaultContentNegotiation):
    """Take a client that accepts only images too: the file goes out as it is, errors as JSON."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class MicrographImage(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> FileResponse:
        """The micrograph for display: 8-bit gray, the longer side at most 2048 pixels."""
        micrograph = micrograph_or_404(request, pk)
        return _shown(micrograph.display, micrograph.filename, "image/png")


class MicrographThumbnail(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "image/webp"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> FileResponse:
        """The micrograph at most 320 pixels wide and high."""
        micrograph = micrograph_or_404(request, pk)
        return _shown(micrograph.thumbnail, micrograph.filename, "image/webp")


class MicrographMaster(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> FileResponse:
        """The file exactly as it was sent."""
        micrograph = micrograph_or_404(request, pk)
        name = PurePosixPath(micrograph.filename).name
        _refuse_absent(micrograph.master)
        opened = micrograph.open_master()
        if request.method == "GET":
            services.record_download(micrograph=micrograph)
        return FileResponse(opened, as_attachment=True, filename=name, content_type="application/octet-stream")


def _shown(file: FieldFile, name: str, content_type: str) -> FileResponse:
    _refuse_absent(file)
    response = FileResponse(open_stored(file, name=name), content_type=content_type)
    response["Cache-Control"] = "private, max-age=86400"  # a micrograph's files never change
    return response


def _refuse_absent(file: FieldFile) -> None:
    if not file:
        raise Http404("The micrograph has no such file: it is still being read, or was refused.")
