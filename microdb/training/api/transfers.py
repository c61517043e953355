"""Versions as zips, and their model cards as PDF."""

from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import User
from microdb.accounts.parsers import WholeMultiPartParser
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.files import AnyAccept
from microdb.micrographs.models import Dataset, Role
from microdb.training import imports
from microdb.training.access import trained_or_404
from microdb.training.model_card import card_pdf, model_card
from microdb.training.models import ModelImport
from microdb.training.package import package_name, write_package
from microdb.training.services import record_export
from microdb.training.tasks import enqueue_import


class PackageSerializer(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True, help_text="The zip of an exported version.")


class ModelImportSerializer(serializers.ModelSerializer[ModelImport]):
    """``model_version``: the number of the version that it became; null until then."""

    model_version = serializers.IntegerField(source="model_version.number", read_only=True, default=None)

    class Meta:
        model = ModelImport
        fields = [
            "id",
            "filename",
            "sha256",
            "state",
            "error",
            "error_id",
            "created_at",
            "finished_at",
            "model_version",
        ]
        read_only_fields = fields


class ModelVersionExport(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, slug: str, number: int) -> HttpResponse:
        """A version as a zip, which `POST imports/` and `python -m classifier score` take."""
        version = trained_or_404(request, slug, number)
        packed = write_package(version)
        record_export(model_version=version)
        name = {"Content-Disposition": f'attachment; filename="{package_name(version)}"'}
        return HttpResponse(packed, content_type="application/zip", headers=name)


class ModelCardPdf(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, slug: str, number: int) -> HttpResponse:
        """The model card of a version."""
        return HttpResponse(card_pdf(model_card(trained_or_404(request, slug, number))), content_type="application/pdf")


class ModelImportList(generics.ListAPIView[ModelImport]):
    """Imports of models into a dataset, the latest first."""

    queryset = ModelImport.objects.all()
    serializer_class = ModelImportSerializer
    parser_classes = [WholeMultiPartParser]
    write_scope = "train"

    def get_queryset(self) -> QuerySet[ModelImport]:
        return _imports(dataset_or_404(self.request, self.kwargs["slug"])).order_by("-pk")

    @extend_schema(request=PackageSerializer, responses={202: ModelImportSerializer, 200: ModelImportSerializer})
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Send the zip of a version; a worker checks it and makes a version of it, which is not active yet."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        given = PackageSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        file: Any = given.validated_data["file"]
        with transaction.atomic():
            job = imports.request_import(
                dataset=dataset, file=file, filename=file.name, size=file.size, by=cast(User, request.user)
            )
            enqueue_import(job)
            answer = Response(ModelImportSerializer(job).data, status=status.HTTP_202_ACCEPTED)
            return remembered(request, answer)


class ModelImportDetail(APIView):
    @extend_schema(responses=ModelImportSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """State of an import, and the number of its version once it is done."""
        return Response(ModelImportSerializer(_import_or_404(request, slug, pk)).data)


class ModelImportCancel(APIView):
    write_scope = "train"

    @extend_schema(request=None, responses=ModelImportSerializer)
    @idempotent
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Cancel an import; one that has ended stays as it is."""
        job = _import_or_404(request, slug, pk, Role.CURATOR)
        imports.cancel_import(job=job)
        job.refresh_from_db()
        return Response(ModelImportSerializer(job).data)


def _imports(dataset: Dataset) -> QuerySet[ModelImport]:
    found = ModelImport.objects.filter(dataset=dataset).select_related("model_version", "dataset")
    return found.defer("trained_on", *imports.LARGE)


def _import_or_404(request: Request, slug: str, pk: int, role: str = Role.VIEWER) -> ModelImport:
    return get_object_or_404(_imports(dataset_or_404(request, slug, role)), pk=pk)
