"""The addresses under ``/api/v1/`` for batches and scores."""

from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import JSONParser
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import User
from microdb.csv_lines import CSV_TYPE, csv_lines
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.files import AnyAccept
from microdb.micrographs.api.filters import DeclaredFilters
from microdb.micrographs.models import Dataset, Role
from microdb.scoring.api.inputs import BatchInputs, file_inputs, micrograph_inputs
from microdb.scoring.api.parsers import FoldersMultiPartParser
from microdb.scoring.api.serializers import (
    BatchFilesSerializer,
    BatchMicrographsSerializer,
    BatchSerializer,
    ResultSerializer,
    ScoreSerializer,
)
from microdb.scoring.batch_results import batch_items, csv_rows
from microdb.scoring.models import Batch, BatchQuerySet, Score
from microdb.scoring.services import cancel_batch, create_batch
from microdb.scoring.tasks import enqueue_batch
from microdb.stored_files import open_stored
from microdb.training.services import scoring_version


class BatchList(generics.ListAPIView[Batch]):
    """The batches of a dataset, the latest first."""

    queryset = Batch.objects.all()
    serializer_class = BatchSerializer
    filter_backends = [DeclaredFilters]
    parser_classes = [FoldersMultiPartParser, JSONParser]
    write_scope = "score"

    def get_queryset(self) -> BatchQuerySet:
        dataset = dataset_or_404(self.request, self.kwargs["slug"])
        return _with_progress(Batch.objects.filter(model_version__dataset=dataset)).order_by("-created_at", "pk")

    @extend_schema(
        request={"multipart/form-data": BatchFilesSerializer, "application/json": BatchMicrographsSerializer},
        responses={202: BatchSerializer, 200: BatchSerializer},
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Score files, or stored micrographs by id; 202 and a batch, or 200 and the answer that this key had before.

        A file that can't be scored becomes a result with its reason; the others go on.
        """
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        user = cast(User, request.user)
        given = self._given(request)
        version = scoring_version(dataset=dataset, number=given.get("model_version"))
        inputs = _inputs(dataset, given, user)
        items = list(inputs.items)
        with transaction.atomic():
            batch = create_batch(model_version=version, items=items, by=user, manifest=inputs.manifest)
            enqueue_batch(batch)
            return remembered(request, self._answer(batch, status.HTTP_202_ACCEPTED))

    def _given(self, request: Request) -> dict[str, Any]:
        multipart = str(request.content_type).startswith("multipart/")
        given = (BatchFilesSerializer if multipart else BatchMicrographsSerializer)(data=request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _answer(self, batch: Batch, code: int) -> Response:
        shown = _with_progress(Batch.objects.filter(pk=batch.pk)).get()
        return Response(self.get_serializer(shown).data, status=code)


class BatchDetail(generics.RetrieveAPIView[Batch]):
    """The progress of a batch."""

    queryset = Batch.objects.all()
    serializer_class = BatchSerializer

    def get_object(self) -> Batch:
        return _batch(self.request, self.kwargs["slug"], self.kwargs["pk"])


class BatchResults(APIView):
    """The result of each file."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        responses={(200, "application/json"): ResultSerializer(many=True), (200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request, slug: str, pk: UUID) -> HttpResponseBase:
        """One result per file in the order given, as JSON, or as CSV with ``Accept: text/csv``."""
        batch = _batch(request, slug, pk)
        if "text/csv" in request.headers.get("Accept", ""):
            lines = csv_lines(csv_rows(batch_items(batch, request.user), batch.model_version))
            return StreamingHttpResponse(lines, content_type=CSV_TYPE)
        rows = ResultSerializer(batch_items(batch, request.user), many=True)  # type: ignore[arg-type] # the stubs lack many=True
        return Response(rows.data)


class BatchCancel(APIView):
    write_scope = "score"

    @extend_schema(request=None, responses=BatchSerializer)
    @idempotent
    def post(self, request: Request, slug: str, pk: UUID) -> Response:
        """Cancel the scores that the batch still waits for; finished scores stay."""
        cancel_batch(batch=_batch(request, slug, pk, Role.CURATOR))
        return Response(BatchSerializer(_batch(request, slug, pk), context={"request": request}).data)


class ScoreDetail(generics.RetrieveAPIView[Score]):
    """One score with its probabilities, its uncertainty and its warnings."""

    queryset = Score.objects.all()
    serializer_class = ScoreSerializer

    def get_object(self) -> Score:
        return _score(self.request, self.kwargs["pk"])


class ScoreSaliency(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> FileResponse:
        """The saliency map, a PNG to lay over the micrograph: the class of each part, dark for none of these."""
        score = _score(request, pk)
        if not score.saliency:
            raise Http404("This score has no saliency map: it is not done.")
        return FileResponse(open_stored(score.saliency, name=_("The saliency map")), content_type="image/png")


def _inputs(dataset: Dataset, given: dict[str, Any], user: User) -> BatchInputs:
    if "micrographs" in given:
        return micrograph_inputs(dataset, given["micrographs"])
    scale = given.get("pixels_per_micrometre")
    paths, manifest = given.get("paths", []), given.get("manifest")
    return file_inputs(
        dataset,
        given["files"],
        paths=paths,
        manifest=manifest,
        scale=scale,
        by=user,
        add_to_dataset=given["add_to_dataset"],
    )


def _with_progress(batches: BatchQuerySet) -> BatchQuerySet:
    related = batches.with_counts().select_related("model_version__dataset")
    return related.defer("model_version__descriptor_map", "model_version__metrics")


def _batch(request: Request, slug: str, pk: UUID, role: str = Role.VIEWER) -> Batch:
    dataset = dataset_or_404(request, slug, role)
    return get_object_or_404(_with_progress(Batch.objects.filter(model_version__dataset=dataset)), pk=pk)


def _score(request: Request, pk: UUID) -> Score:
    rows = Score.objects.visible_to(request.user).with_page_rows()
    return get_object_or_404(rows.select_related("model_version__dataset_version", "micrograph"), pk=pk)
