"""What every API view shares: pages of a list, bodies of requests, and errors with a stable code."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import pagination
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser as UnboundedJSONParser
from rest_framework.response import Response
from rest_framework.views import exception_handler

from microdb.errors import MicroDBError
from microdb.outages import outage_of


class PageNumberPagination(pagination.PageNumberPagination):
    """``?page=`` and ``?page_size=`` up to 500."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500


class JSONParser(UnboundedJSONParser):
    """Refuses what is nested so deeply that Python gives up."""

    def parse(self, *given: Any, **options: Any) -> Any:
        try:
            return super().parse(*given, **options)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply. Send the fields that are documented.")) from error


def error_response(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as ``{"code", "message"}``, with ``fields`` for errors of single fields."""
    if isinstance(exc, MicroDBError):
        return Response({"code": exc.code, "message": exc.message}, status=exc.status)
    if isinstance(exc, ValidationError):
        return Response({"code": "invalid", "message": " ".join(exc.messages)}, status=400)
    if outage := outage_of(exc):
        return Response(outage.body, status=outage.status, headers={"Retry-After": str(outage.retry_after)})
    response = exception_handler(exc, context)
    if response is None:
        return None
    code, fields = _code_of(exc), {}
    if isinstance(response.data, dict) and "detail" not in response.data:
        fields = {"fields": response.data}
        message = "Some fields are not right."
    else:
        message = str(response.data["detail"] if isinstance(response.data, dict) else response.data[0])
    response.data = {"code": code, "message": message, **fields}
    return response


def _code_of(exc: Exception) -> str:
    if isinstance(exc, Http404):
        return "not_found"
    if isinstance(exc, PermissionDenied):
        return "permission_denied"
    codes = exc.get_codes() if isinstance(exc, APIException) else "error"
    return codes if isinstance(codes, str) else "invalid"
