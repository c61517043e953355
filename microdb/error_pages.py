"""The answers to requests that end in an error: pages for people, JSON under ``/api/`` and for scripts."""

import logging
import sys
import uuid
from collections.abc import Callable

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _
from django.views import defaults

from microdb.errors import MicroDBError
from microdb.outages import Outage, outage_of

logger = logging.getLogger(__name__)

API = "/api/"


class ErrorPages:
    """Middleware for what a view raises.

    A MicroDBError is answered with its text, an outage with what to do, any other exception with the id in the log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Http404 | PermissionDenied | BadRequest | SuspiciousOperation):
            return None  # the handlers below answer 404, 403 and 400
        if isinstance(exception, MicroDBError):
            if wants_json(request):
                return JsonResponse({"code": exception.code, "message": exception.message}, status=exception.status)
            return render(request, "error.html", {"sentence": exception.message}, status=exception.status)
        return _failed(request, exception)


def wants_json(request: HttpRequest) -> bool:
    """Whether the answer is for a program: under ``/api/``, or where only JSON is accepted."""
    if request.path.startswith(API):
        return True
    return request.accepts("application/json") and not request.accepts("text/html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_json(request):
        if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
            sentence = _("The request holds more than the server takes at once. Send it in several smaller ones.")
        else:
            sentence = _("The request could not be read. Send it in another way.")
        return _json(400, "bad_request", sentence)
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_json(request):
        return _json(403, "permission_denied", str(exception) or _("You may not do this."))
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_json(request):
        return _json(404, "not_found", _("There is nothing at this address. All addresses are in /api/v1/docs/."))
    return defaults.page_not_found(request, exception)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    sentence = _("Too many requests in a short time. Try again in a minute.")
    if wants_json(request):
        response: HttpResponse = _json(429, "too_many_requests", sentence)
    else:
        response = render(request, "429.html", {"sentence": sentence}, status=429)
    response["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """For what no view raised: middleware that reads the session or the body, for example."""
    exception = sys.exc_info()[1]
    if isinstance(exception, Exception):
        return _failed(request, exception)
    return defaults.server_error(request)


def _failed(request: HttpRequest, exception: Exception) -> HttpResponse:
    if outage := outage_of(exception):
        logger.error("%s %s failed: %s", request.method, route_of(request), exception)
        return _out_of_order(request, outage)
    error_id = uuid.uuid4().hex[:12]
    logger.error("%s %s failed, error %s", request.method, route_of(request), error_id, exc_info=exception)
    sentence = _("Something went wrong on our side. Report the error id %s.") % error_id
    if wants_json(request):
        return JsonResponse({"code": "error", "message": sentence, "error_id": error_id}, status=500)
    return HttpResponse(_bare("500.html", sentence), status=500)


def route_of(request: HttpRequest) -> str:
    """The pattern of the address: the address of an invitation is a secret, which no log holds."""
    return request.resolver_match.route if request.resolver_match else "unmatched"


def _out_of_order(request: HttpRequest, outage: Outage) -> HttpResponse:
    if wants_json(request):
        response: HttpResponse = JsonResponse(outage.body, status=outage.status)
    else:
        response = HttpResponse(_bare("outage.html", outage.sentence), status=outage.status)
    response["Retry-After"] = str(outage.retry_after)
    return response


def _bare(template: str, sentence: str) -> str:
    """A page without the request, whose user would be looked up in the database, perhaps the one that fails."""
    return loader.render_to_string(template, {"sentence": sentence})


def _json(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"code": code, "message": message}, status=status)
