"""The images themselves: re-encoded for looking at, the master only as a download."""

import uuid
from pathlib import PurePosixPath
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files import File
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponseBase, HttpResponseNotModified
from django.views.decorators.http import require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.micrographs import services
from microdb.micrographs.access import open_to_visitors, shown_or_404
from microdb.micrographs.models import Dataset, DatasetQuerySet, Micrograph, Role

CACHE = "private, max-age=31536000, immutable"
"""A micrograph's files never change under its key; private, since who may see them is checked here."""


@open_to_visitors
@require_safe
def micrograph_image(request: SignedInRequest, pk: uuid.UUID) -> HttpResponseBase:
    micrograph = _visible(request, pk, Dataset.objects.readable_by(request.user))
    return _cached(request, micrograph.display, etag=f'"{pk}-display"', content_type="image/png")


@open_to_visitors
@require_safe
def micrograph_thumbnail(request: SignedInRequest, pk: uuid.UUID) -> HttpResponseBase:
    micrograph = _visible(request, pk, Dataset.objects.readable_by(request.user))
    return _cached(request, micrograph.thumbnail, etag=f'"{pk}-thumbnail"', content_type="image/webp")


@login_required
@require_safe
def micrograph_master(request: SignedInRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The file as it was sent; never shown by the browser itself, whatever it holds."""
    micrograph = _visible(request, pk, Dataset.objects.visible_to(request.user))
    if not micrograph.master:
        raise Http404
    opened = micrograph.open_master()
    if request.method == "GET":
        services.record_download(micrograph=micrograph)
    return _response(
        opened,
        "application/octet-stream",
        as_attachment=True,
        filename=PurePosixPath(micrograph.filename).name,
    )


def _visible(request: SignedInRequest, pk: uuid.UUID, datasets: DatasetQuerySet) -> Micrograph:
    # Who may restore from the trash has to see what lies in it.
    trash = Micrograph.objects.exclude(trashed_at=None)
    restorable = trash.filter(dataset__in=Dataset.objects.visible_to(request.user, Role.CURATOR))
    stored = Micrograph.objects.stored().filter(dataset__in=datasets)
    return shown_or_404(request, stored | restorable, pk)


def _cached(request: SignedInRequest, stored: FieldFile, *, etag: str, content_type: str) -> HttpResponseBase:
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        response = _shown(stored, content_type)
    response["ETag"], response["Cache-Control"] = etag, CACHE
    return response


def _shown(stored: FieldFile, content_type: str) -> FileResponse:
    if not stored:
        raise Http404
    try:
        return _response(stored.open("rb"), content_type)
    except FileNotFoundError as missing:
        raise Http404 from missing


def _response(opened: "File[Any]", content_type: str, **options: Any) -> FileResponse:
    response = FileResponse(opened, content_type=content_type, **options)
    response["X-Content-Type-Options"] = "nosniff"
    return response
