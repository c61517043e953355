"""The results of a batch: JSON in one list or in pages, JSON lines and CSV streamed."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import CursorPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import DEFAULT_PAGE, LARGEST_PAGE, page_size
from microdb.accounts.parameters import refuse_unknown_parameters
from microdb.csv_lines import CSV_TYPE, csv_lines
from microdb.micrographs.api.files import AnyAccept
from microdb.scoring.api.lookups import visible_batch
from microdb.scoring.api.serializers import ResultSerializer
from microdb.scoring.batch_results import batch_items, csv_rows, result_items
from microdb.scoring.models import Batch, BatchItem

JSON, LINES, CSV = "application/json", "application/x-ndjson", "text/csv"
OFFERED = {JSON: JSON, LINES: LINES, "application/jsonl": LINES, CSV: CSV}
"""What ``Accept`` may name, the default first."""
PAGING = {"cursor", "page_size"}
LINES_AT_ONCE = 100
"""Lines sent in one piece, so that 10,000 of them are not as many small writes."""


class ResultPages(CursorPagination):
    ordering = "position"
    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE

    def get_page_size(self, request: Request) -> int:
        return page_size(request)


class BatchResults(APIView):
    """The result of each file."""

    content_negotiation_class = AnyAccept
    get_parameters = PAGING

    @extend_schema(
        parameters=[
            OpenApiParameter("cursor", str, description="From `next` or `previous` of another page."),
            OpenApiParameter(
                "page_size",
                {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE},
                description=f"With it, JSON comes in pages ({DEFAULT_PAGE} by default).",
            ),
        ],
        responses={
            (200, JSON): ResultSerializer(many=True),
            (200, LINES): OpenApiTypes.STR,
            (200, CSV): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request, slug: str, pk: UUID) -> HttpResponseBase:
        """One result per file in the order given, also while the batch runs.

        `Accept` chooses: JSON, JSON lines (`application/x-ndjson`), or CSV (`text/csv`). JSON is one list, or pages of
        `next`, `previous` and `results` if `page_size` or `cursor` is given.
        """
        batch = visible_batch(request, slug, pk)
        wanted = OFFERED[request._request.get_preferred_type(list(OFFERED)) or JSON]
        if request.query_params:
            refuse_unknown_parameters(request, PAGING if wanted == JSON else ())
            return self._page(request, batch)
        items = batch_items(batch, request.user)
        if wanted == CSV:
            return _stream(csv_lines(csv_rows(items, batch.model_version)), CSV_TYPE, batch, "csv")
        results = _results(items)
        if wanted == LINES:
            lines = (JSONRenderer().render(row).decode() + "\n" for row in results)
            return _stream(lines, f"{LINES}; charset=utf-8", batch, "jsonl")
        return Response(list(results))

    def _page(self, request: Request, batch: Batch) -> Response:
        pages = ResultPages()
        found: Any = pages.paginate_queryset(result_items(batch, request.user), request, self)
        return pages.get_paginated_response(list(_results(found)))


def _results(items: Iterable[BatchItem]) -> Iterator[Any]:
    """Each item as JSON values; one serializer for all, since making one costs more than using it."""
    serializer = ResultSerializer()
    return (serializer.to_representation(item) for item in items)


def _stream(lines: Iterable[str], content_type: str, batch: Batch, ending: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_joined(lines), content_type=content_type)
    name = f"{batch.model_version.dataset.slug}-{str(batch.pk)[:8]}-scores.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _joined(lines: Iterable[str]) -> Iterator[str]:
    part: list[str] = []
    for line in lines:
        part.append(line)
        if len(part) == LINES_AT_ONCE:
            yield "".join(part)
            part.clear()
    yield "".join(part)
