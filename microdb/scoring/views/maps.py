"""The saliency map of a score, and the table of area fractions that is counted on it."""

import uuid

from django.contrib.auth.decorators import login_required
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.views.decorators.http import require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.csv_lines import CSV_TYPE, csv_lines
from microdb.scoring.area_fractions import fractions_around
from microdb.scoring.views.scores import score_or_404

CACHE = "private, max-age=31536000, immutable"
"""A score's map never changes."""


@login_required
@require_safe
def score_saliency(request: SignedInRequest, pk: uuid.UUID) -> FileResponse:
    """The map in class colours, to lay over the micrograph."""
    return _png(score_or_404(request, pk).saliency)


@login_required
@require_safe
def score_planes(request: SignedInRequest, pk: uuid.UUID) -> FileResponse:
    """The map's probabilities, a gray plane per outcome."""
    return _png(score_or_404(request, pk).planes)


@login_required
@require_safe
def area_fractions_csv(request: SignedInRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    """The area fractions of the specimen that the score's micrograph shows."""
    found = score_or_404(request, pk)
    response = StreamingHttpResponse(csv_lines(fractions_around(found, request.user).rows()), content_type=CSV_TYPE)
    name = f"{found.model_version.dataset.slug}-area-fractions.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _png(stored: FieldFile) -> FileResponse:
    if not stored:
        raise Http404
    try:
        response = FileResponse(stored.open("rb"), content_type="image/png")
    except FileNotFoundError as missing:
        raise Http404 from missing
    response["Cache-Control"] = CACHE
    return response
