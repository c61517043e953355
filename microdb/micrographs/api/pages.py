"""The pages of the list of micrographs: by number, with a count, or by cursor."""

from functools import partial
from typing import Any, cast

from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.api import LARGEST_PAGE, PageNumberPagination, page_size
from microdb.paging import LongPaginator


class OldestFirst(CursorPagination):
    ordering = ("created_at", "id")
    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE

    def get_page_size(self, request: Request) -> int:
        return page_size(request)


class MicrographPages(PageNumberPagination):
    """``?page=``, or ``?cursor=``: without a count, as fast at the end as at the beginning, and unmoved by uploads."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        self.by_cursor = OldestFirst() if OldestFirst.cursor_query_param in request.query_params else None
        if self.by_cursor:
            return self.by_cursor.paginate_queryset(queryset, request, view)
        self.django_paginator_class = cast(Any, partial(LongPaginator, rows=queryset, count=view.count()))
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Any) -> Response:
        return self.by_cursor.get_paginated_response(data) if self.by_cursor else super().get_paginated_response(data)

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        described = super().get_paginated_response_schema(schema)
        return described | {"required": [name for name in described["required"] if name != "count"]}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        cursor = {
            "name": OldestFirst.cursor_query_param,
            "in": "query",
            "description": "Empty for the first page, then from `next` or `previous`. The answer has no `count`.",
            "schema": {"type": "string"},
        }
        return [*super().get_schema_operation_parameters(view), cursor]
