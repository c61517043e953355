"""The addresses under ``/api/v1/`` for batches; results have a module of their own."""

from typing import Any, cast
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import User
from microdb.accounts.parsers import LongJSONParser
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.filters import MicrographFilter, filter_parameters
from microdb.micrographs.models import Role
from microdb.micrographs.tasks import enqueue_reading
from microdb.scoring.api.batch_uploads import store_whole_uploads
from microdb.scoring.api.inputs import open_batch_inputs
from microdb.scoring.api.lookups import visible_batch, with_progress
from microdb.scoring.api.making import prepared
from microdb.scoring.api.parsers import FoldersMultiPartParser
from microdb.scoring.api.progress import preferred_wait, progress_tag, wait_for_news
from microdb.scoring.api.requests import BatchFilesSerializer, BatchMicrographsSerializer, MoreFilesSerializer
from microdb.scoring.api.serializers import RUNNING, AddedFilesSerializer, BatchSerializer, batch_state
from microdb.scoring.models import Batch, BatchQuerySet
from microdb.scoring.services import add_files, cancel_batch, refuse_not_open, retry_batch, start_batch
from microdb.scoring.tasks import enqueue_batch


class BatchList(generics.ListAPIView[Batch]):
    """The batches of a dataset, the latest first."""

    queryset = Batch.objects.all()
    serializer_class = BatchSerializer
    post_parameters = MicrographFilter.base_filters
    parser_classes = [FoldersMultiPartParser, LongJSONParser]
    write_scope = "score"

    def get_queryset(self) -> BatchQuerySet:
        dataset = dataset_or_404(self.request, self.kwargs["slug"])
        return with_progress(Batch.objects.filter(model_version__dataset=dataset)).order_by("-created_at", "pk")

    @extend_schema(
        request={"multipart/form-data": BatchFilesSerializer, "application/json": BatchMicrographsSerializer},
        responses={202: BatchSerializer, 200: BatchSerializer},
        parameters=filter_parameters(MicrographFilter),
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Score files, or stored micrographs by id or filter; 202, or 200 and the answer that this key had before.

        A file that can't be scored becomes a result with its reason; the others go on. With `start` false, the batch
        stays open: it takes more files at `files/`, and scores nothing until `start/`.
        """
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        multipart = str(request.content_type).startswith("multipart/")
        given = (BatchFilesSerializer if multipart else BatchMicrographsSerializer)(data=request.data)
        given.is_valid(raise_exception=True)
        make = prepared(dataset, dict(given.validated_data), request)
        with transaction.atomic():
            batch = make()
            if batch.started_at:
                enqueue_batch(batch)
            return remembered(request, _answer(request, batch.pk, status.HTTP_202_ACCEPTED))


class BatchDetail(generics.GenericAPIView[Batch]):
    """The progress of a batch."""

    queryset = Batch.objects.all()
    serializer_class = BatchSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of an earlier answer."
            ),
            OpenApiParameter(
                "Prefer",
                str,
                OpenApiParameter.HEADER,
                description="wait=20: answer when something has changed since that ETag, or, without one, when the "
                "batch has ended, but after so many seconds at the latest (25 at most).",
            ),
        ],
        responses={200: BatchSerializer, 304: None},
    )
    def get(self, request: Request, slug: str, pk: UUID) -> Response:
        """How far the batch is; 304 if nothing has changed since the ETag that `If-None-Match` names."""
        known, seconds = request.headers.get("If-None-Match"), preferred_wait(request)

        def is_news(batch: Any) -> bool:
            return progress_tag(batch) != known if known else batch_state(batch) != RUNNING

        batch, waited = wait_for_news(lambda: visible_batch(request, slug, pk), is_news, seconds)
        tag = progress_tag(batch)
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Prefer"}
        if seconds and waited:
            headers["Preference-Applied"] = f"wait={seconds}"
        if known == tag:
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return Response(self.get_serializer(batch).data, headers=headers)


class BatchFiles(APIView):
    parser_classes = [FoldersMultiPartParser]
    write_scope = "score"

    @extend_schema(
        request={"multipart/form-data": MoreFilesSerializer},
        responses={202: AddedFilesSerializer, 200: AddedFilesSerializer},
    )
    @idempotent
    def post(self, request: Request, slug: str, pk: UUID) -> Response:
        """Add files to an open batch, in as many requests as you like; workers read them at once.

        A path that the batch has already is replaced, so a request that broke may be sent again.
        """
        batch = visible_batch(request, slug, pk, Role.CURATOR)
        refuse_not_open(batch)
        given = MoreFilesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        sent = given.validated_data
        by = cast(User, request.user)
        inputs = open_batch_inputs(batch, sent["files"], paths=sent.get("paths", []), by=by)
        with transaction.atomic():
            add_files(batch=batch, inputs=inputs)
            body = AddedFilesSerializer({"total": batch.items.count(), "files": inputs}).data
            return remembered(request, Response(body, status=status.HTTP_202_ACCEPTED))


class BatchStart(APIView):
    write_scope = "score"

    @extend_schema(request=None, responses={202: BatchSerializer, 200: BatchSerializer})
    @idempotent
    def post(self, request: Request, slug: str, pk: UUID) -> Response:
        """Score what an open batch holds. A started batch stays as it is."""
        batch = visible_batch(request, slug, pk, Role.CURATOR)
        store_whole_uploads(batch)
        with transaction.atomic():
            enqueue_batch(start_batch(batch=batch))
            return remembered(request, _answer(request, pk, status.HTTP_202_ACCEPTED))


class BatchCancel(APIView):
    write_scope = "score"

    @extend_schema(request=None, responses=BatchSerializer)
    @idempotent
    def post(self, request: Request, slug: str, pk: UUID) -> Response:
        """Cancel the scores that the batch still waits for; finished scores stay."""
        cancel_batch(batch=visible_batch(request, slug, pk, Role.CURATOR))
        return _answer(request, pk, status.HTTP_200_OK)


class BatchRetry(APIView):
    write_scope = "score"

    @extend_schema(request=None, responses={202: BatchSerializer, 200: BatchSerializer})
    @idempotent
    def post(self, request: Request, slug: str, pk: UUID) -> Response:
        """Try again what has no verdict: failed scores, micrographs that had no scale and have one now, and files that
        could not be read through no fault of their own (`not_read`)."""
        batch = visible_batch(request, slug, pk, Role.CURATOR)
        with transaction.atomic():
            for micrograph in retry_batch(batch=batch):
                enqueue_reading(micrograph)
            enqueue_batch(batch)
            return remembered(request, _answer(request, pk, status.HTTP_202_ACCEPTED))


def _answer(request: Request, pk: UUID, code: int) -> Response:
    shown = with_progress(Batch.objects.filter(pk=pk)).get()
    return Response(BatchSerializer(shown, context={"request": request}).data, status=code)
