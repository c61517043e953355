"""What every API view shares: pages of a list, bodies of requests, and errors with a stable code."""

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import pagination, serializers
from rest_framework.exceptions import APIException, AuthenticationFailed, NotAuthenticated, Throttled
from rest_framework.exceptions import PermissionDenied as NotPermitted
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from microdb.errors import MicroDBError
from microdb.outages import outage_of

DEFAULT_PAGE, LARGEST_PAGE = 50, 500
"""Rows of one page of a list."""


def page_size(request: Request, *, default: int = DEFAULT_PAGE) -> int:
    """The number of rows that ``?page_size=`` asks for. Raises MicroDBError where that is none from 1 to 500."""
    given = request.query_params.get("page_size", "").strip()
    if not given:
        return default
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= LARGEST_PAGE):
        raise MicroDBError(
            _("page_size must be a whole number from 1 to %(most)d; “%(given)s” was given.")
            % {"most": LARGEST_PAGE, "given": given[:60]},
            code="bad_page_size",
        )
    return int(given)


class PageNumberPagination(pagination.PageNumberPagination):
    """``?page=`` and ``?page_size=`` up to 500."""

    page_size = DEFAULT_PAGE
    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE

    def get_page_size(self, request: Request) -> int:
        return page_size(request)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        bounds = {self.page_query_param: {"minimum": 1}, "page_size": {"minimum": 1, "maximum": LARGEST_PAGE}}
        for one in parameters:
            one["schema"] = {"type": "integer", **bounds[one["name"]]}
        return parameters


class StrictSerializer(serializers.Serializer[Any]):
    """A body whose fields are all known: a misspelt one is refused instead of left out."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if hasattr(data, "keys") else []
        if unknown:
            known = ", ".join(self.fields)
            raise serializers.ValidationError(
                {name: [f"There is no such field. Fields: {known}."] for name in unknown}, code="unknown_field"
            )
        return super().to_internal_value(data)


class StrictSerializerSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call] # its __init_subclass__ has no types
    """Tells the schema that a StrictSerializer takes no other fields."""

    target_class = StrictSerializer
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        mapped: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return mapped | {"additionalProperties": False}


def error_response(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as ``{"code", "message"}``, with ``fields`` for errors of single fields."""
    if isinstance(exc, MicroDBError):
        return Response({"code": exc.code, "message": exc.message}, status=exc.status)
    if isinstance(exc, ValidationError):
        return Response({"code": "invalid", "message": " ".join(exc.messages)}, status=400)
    if outage := outage_of(exc):
        return Response(outage.body, status=outage.status, headers={"Retry-After": str(outage.retry_after)})
    if isinstance(exc, UnreadablePostError):
        message = _("The connection broke before the request was complete. Nothing was stored. Send it again.")
        return Response({"code": "cut_off", "message": message}, status=400)
    if isinstance(exc, RequestDataTooBig):
        message = _("This request is too long. Send it in several smaller ones.")
        return Response({"code": "too_large", "message": message}, status=413)
    exc = _counted(exc, context)
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


def _counted(exc: Exception, context: dict[str, Any]) -> Exception:
    """The error; ``Throttled`` instead, where too many requests end before the framework asks its throttles."""
    view = context["view"]
    if isinstance(exc, NotAuthenticated | AuthenticationFailed | NotPermitted) and "RateLimit" not in view.headers:
        try:
            view.check_throttles(context["request"])
        except Throttled as throttled:
            return throttled
    return exc


def _code_of(exc: Exception) -> str:
    if isinstance(exc, Http404):
        return "not_found"
    if isinstance(exc, PermissionDenied):
        return "permission_denied"
    codes = exc.get_codes() if isinstance(exc, APIException) else "error"
    return codes if isinstance(codes, str) else "invalid"
