"""Middleware that gives every request an id, and logs and counts it."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from microdb.error_pages import route_of
from microdb.log_context import REQUEST_ID, log_with
from microdb.monitoring.metrics import requests as metrics

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
ACCEPTED = re.compile(r"[A-Za-z0-9_-]{8,64}")
QUIET = ("/healthz", "/readyz", "/metrics", "/static/")
"""Asked all the time by machines, or not by Django: counted, not logged."""


class RequestIds:
    """The id comes from the proxy's ``X-Request-ID`` or is made here, and goes back in the same header.

    It is in each line that the request logs, in its entries of the audit log, and in the messages that it sends to
    workers. The log names the route and
    not the address, since the address of an invitation is a secret.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if ACCEPTED.fullmatch(given) else uuid.uuid4().hex
        start = time.perf_counter()
        with log_with(**{REQUEST_ID: request_id}):
            response = self.get_response(request)
            _record(request, response.status_code, time.perf_counter() - start)
        response[HEADER] = request_id
        return response


def _record(request: HttpRequest, status: int, seconds: float) -> None:
    route = route_of(request)
    metrics.count(method=request.method or "", route=route, status=status, seconds=seconds)
    if request.path.startswith(QUIET):
        return
    milliseconds = round(seconds * 1000)
    extra = {"method": request.method, "route": route, "status": status, "milliseconds": milliseconds}
    # Only where the view asked who it is: a look-up here would be a query more for each page.
    if (user := getattr(request, "_cached_user", None)) and user.pk:
        extra["user"] = user.pk
    logger.info("%s %s %d in %d ms", request.method, route, status, milliseconds, extra=extra)
