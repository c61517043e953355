"""The pages for requests that end in an error."""

import logging
import uuid
from collections.abc import Callable

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError

logger = logging.getLogger(__name__)


class ErrorPages:
    """Middleware. A MicroDBError becomes a page with its text, any other exception a page with the id in the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, MicroDBError):
            return render(request, "error.html", {"sentence": exception.message}, status=400)
        if isinstance(exception, Http404 | PermissionDenied | BadRequest | SuspiciousOperation):
            return None  # Django shows the pages 404, 403 and 400
        error_id = uuid.uuid4().hex[:12]
        logger.error("%s %s failed, error %s", request.method, request.path, error_id, exc_info=exception)
        sentence = _("Something went wrong on our side. Report the error id %s.") % error_id
        return render(request, "error.html", {"sentence": sentence}, status=500)
