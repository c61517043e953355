"""Sidecars that come after their images: what they would give stored micrographs, asked by the upload page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.import_export.updates import Update
from microdb.micrographs.models import Micrograph, Role, ScaleSource
from microdb.micrographs.scale.sidecar import Sidecar, sent_sidecar
from microdb.micrographs.services.bulk import Step, step_of_sidecar
from microdb.micrographs.views import bulk
from microdb.micrographs.views.pages import json_mistakes
from microdb.micrographs.views.upload import upload_state

AT_ONCE = 50
"""Sidecars in one request; each is read in the child process."""


@login_required
@require_POST
@json_mistakes
def upload_sidecars(request: SignedInRequest, slug: str) -> JsonResponse:
    """What each part ``sidecar`` would give the micrograph of the same place in ``id``; with ``apply`` it is done.

    ``drop`` names the drop, whose changes are undone together.
    """
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    ids, files = request.POST.getlist("id"), request.FILES.getlist("sidecar")
    if not files or len(ids) != len(files) or len(files) > AT_ONCE:
        raise MicroDBError(
            _("Send 1 to %(most)d sidecars with an id for each; %(files)d sidecars and %(ids)d ids were sent.")
            % {"most": AT_ONCE, "files": len(files), "ids": len(ids)},
            code="invalid",
        )
    stored = {
        str(one.pk): one for one in dataset.shown().ready().filter(pk__in=bulk.keys(ids)).select_related("dataset")
    }
    pairs = [
        (stored[key], sidecar)
        for key, file in zip(ids, files, strict=True)
        if key in stored and (sidecar := sent_sidecar(file))
    ]
    act = _apply if request.POST.get("apply") else _offer
    steps: list[Step] = []
    answers = {str(one.pk): act(request, one, sidecar, steps) for one, sidecar in pairs}
    drop = request.POST.get("drop", "")
    undoable = bulk.keep_undo_of_drop(request, dataset, drop, steps) if steps else None
    return JsonResponse({"micrographs": answers, "undoable": undoable})


def _offer(request: SignedInRequest, micrograph: Micrograph, sidecar: Sidecar, steps: list[Step]) -> dict[str, Any]:
    """The change as a sentence; empty where there is none, with the reason."""
    try:
        data = services.read_microscope(micrograph=micrograph, sidecar=sidecar)
    except MicroDBError as error:
        return {"update": "", "message": error.message}
    scale = data.scale.pixels_per_micrometre
    if micrograph.pixels_per_micrometre is not None:
        return {"update": "", "message": _("This micrograph has a scale already.")}
    if scale is None:
        return {"update": "", "message": data.scale.note}
    update = Update(micrograph, {"scale": (scale, data.source or ScaleSource.SIDECAR, data.scale.note)})
    return {"update": f"{update.sentence} ({data.scale.note})", "message": ""}


def _apply(request: SignedInRequest, micrograph: Micrograph, sidecar: Sidecar, steps: list[Step]) -> dict[str, Any]:
    before = step_of_sidecar(micrograph)
    try:
        services.take_sidecar(micrograph=micrograph, sidecar=sidecar, by=request.user)
    except MicroDBError as error:
        return upload_state(micrograph) | {"message": error.message}
    steps.append(before)
    micrograph.refresh_from_db()
    return upload_state(micrograph)
