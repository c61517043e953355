"""Stored files sent by the proxy: the site checks who asks, and nginx sends the bytes.

A thread of the web process is then free at once, also where a slow client downloads a master of 500 MB, and the proxy
answers requests for a part of a file.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase

KEPT = ("Content-Type", "Content-Disposition", "Cache-Control", "Vary", "Strict-Transport-Security")
"""Headers that describe the file or its use; the proxy finds length and time itself."""


class SendByProxy:
    """Middleware that turns the answer with a stored file into ``X-Accel-Redirect`` where ``X_ACCEL`` is set."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        name = _stored_name(response) if settings.X_ACCEL else ""
        if not name:
            return response
        handed_over = HttpResponse(status=response.status_code)
        for header in KEPT:
            if header in response:
                handed_over[header] = response[header]
        handed_over.cookies = response.cookies
        handed_over["X-Accel-Redirect"] = settings.X_ACCEL + quote(name)
        response.close()
        return handed_over


def _stored_name(response: HttpResponseBase) -> str:
    """The name of the file in the storage on this machine's disk; empty for any other answer."""
    file = getattr(response, "file_to_stream", None)
    if not (isinstance(response, FileResponse) and isinstance(file, File) and file.name):
        return ""
    if not isinstance(default_storage, FileSystemStorage):
        return ""
    root = Path(default_storage.location).resolve()
    path = (root / file.name).resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) and path.is_file() else ""
