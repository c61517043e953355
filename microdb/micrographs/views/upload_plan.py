"""What an upload would do, asked by its page before a file is sent: the plan, and what is stored already."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.audit_log.recording import together
from microdb.errors import MicroDBError
from microdb.labels import label_key
from microdb.manifest import MANIFEST, NO_FILENAMES, Manifest, has_manifest_name, parse_manifest
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.import_export.updates import update_of
from microdb.micrographs.import_export.upload_plan import plan_upload
from microdb.micrographs.models import Dataset, Micrograph, Role
from microdb.micrographs.services import add_material_class, update_micrographs
from microdb.micrographs.services.bulk import steps_of_updates
from microdb.micrographs.validation.labels import KnownLabels
from microdb.micrographs.views import bulk
from microdb.micrographs.views.pages import json_mistakes
from microdb.micrographs.views.upload import STATUS_LIMIT, upload_state

PART_BYTES = 2**26
"""Of the JSON in one part: a hundred thousand long paths."""


@login_required
@require_POST
@json_mistakes
def upload_plan(request: SignedInRequest, slug: str) -> JsonResponse:
    """What a drop would do. The part ``about`` is a JSON object, ``manifest`` the file itself.

    In ``about``: ``paths`` of the images, ``sidecars`` (their paths), ``manifest_path``, ``tables`` (CSV files that are
    not sent), and ``add_classes``, which are added first.
    """
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    kinds = {"paths": list, "sidecars": list, "manifest_path": str, "tables": list, "add_classes": list}
    part = request.FILES.get("about")
    asked = _asked(part.read(PART_BYTES) if part else b"", kinds)
    path = asked["manifest_path"] or MANIFEST
    tables = [str(table) for table in asked["tables"]]
    manifest = _manifest(request, path)
    if "manifest" in request.FILES and manifest is None:
        tables.append(path)
    _add_classes(dataset, [str(name) for name in asked["add_classes"]])
    plan = plan_upload(
        dataset,
        paths=[str(path) for path in asked["paths"]],
        manifest=manifest,
        manifest_path=path,
        sidecars=[str(path) for path in asked["sidecars"]],
        tables=tables,
    )
    stored = dataset.shown().select_related("dataset").in_bulk([one.id for one in plan.late])
    late = [upload_state(stored[one.id]) | {"sidecar": one.sidecar} for one in plan.late]
    return JsonResponse(plan.as_json() | {"late": late})


@login_required
@require_POST
@json_mistakes
def upload_known(request: SignedInRequest, slug: str) -> JsonResponse:
    """Which of the files ``{"files": [{"sha256", …what the plan gave}]}`` the dataset has, and what would change."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    files = {str(one.get("sha256")): one for one in _objects(_asked(request.body, {"files": list})["files"])}
    hashes = [one for one in files if one.isalnum()]
    there = dataset.shown().kept().filter(sha256__in=hashes).select_related("dataset", "material_class")
    labels = KnownLabels(dataset.material_classes.values_list("name", flat=True))
    known = {one.sha256: upload_state(one) | _offer(one, files[one.sha256], labels) for one in there}
    return JsonResponse({"known": known})


@login_required
@require_POST
@json_mistakes
def upload_update(request: SignedInRequest, slug: str) -> JsonResponse:
    """Give stored micrographs what the plan gave their files: ``{"updates": [{"id", …}], "drop"}``.

    Each succeeds alone. ``drop`` names the drop, whose changes are undone together.
    """
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    asked = _asked(request.body, {"updates": list, "drop": str})
    wanted = {str(one.get("id")): one for one in _objects(asked["updates"])}
    labels = KnownLabels(dataset.material_classes.values_list("name", flat=True))
    stored = dataset.shown().kept().filter(pk__in=bulk.keys(wanted)).select_related("dataset", "material_class")
    done, steps = {}, []
    with together():
        for micrograph in stored:
            try:
                update = update_of(micrograph, wanted[str(micrograph.pk)], labels)
                message = _("Updated: %s.") % update.sentence if update.values else ""
                before = steps_of_updates([update])
                update_micrographs(updates=[update], by=request.user)
                steps += before
            except MicroDBError as error:
                message = error.message
            micrograph.refresh_from_db()
            done[str(micrograph.pk)] = upload_state(micrograph) | {"message": message}
    undoable = bulk.keep_undo_of_drop(request, dataset, asked["drop"], steps) if steps else None
    return JsonResponse({"micrographs": done, "undoable": undoable})


def _offer(micrograph: Micrograph, wanted: Mapping[str, Any], labels: KnownLabels) -> dict[str, Any]:
    """The update that the page offers for a stored file; ``overwrites`` where it would replace a value."""
    if micrograph.state == Micrograph.State.REFUSED:
        return {}
    try:
        update = update_of(micrograph, wanted, labels)
    except (MicroDBError, TypeError, ValueError):
        return {}
    return {"update": update.sentence, "overwrites": update.overwrites}


def _objects(given: list[Any]) -> list[dict[str, Any]]:
    return [one for one in given[:STATUS_LIMIT] if isinstance(one, dict)]


def _manifest(request: SignedInRequest, path: str) -> Manifest | None:
    """The sent manifest; None where there is none, or where a table of another name names no files."""
    file = request.FILES.get("manifest")
    if file is None or file.file is None:
        return None
    try:
        return parse_manifest(file.file, path.rpartition("/")[2])
    except MicroDBError as error:
        if error.code == NO_FILENAMES and not has_manifest_name(path):
            return None
        raise


def _add_classes(dataset: Dataset, names: list[str]) -> None:
    known = {label_key(name) for name in dataset.material_classes.values_list("name", flat=True)}
    with transaction.atomic():
        for key, name in {label_key(name): name for name in names}.items():
            if key not in known:
                add_material_class(dataset=dataset, name=name)


def _asked(body: bytes, wanted: Mapping[str, type]) -> dict[str, Any]:
    """The JSON object of a request with each of ``wanted``, empty where it is left out."""
    try:
        given = json.loads(body)
        asked = {name: given.get(name, kind()) for name, kind in wanted.items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise MicroDBError(_("A JSON object was wanted; something else was sent."), code="invalid") from error
    if wrong := [name for name, kind in wanted.items() if not isinstance(asked[name], kind)]:
        raise MicroDBError(_("“%s” is of the wrong kind.") % wrong[0], code="invalid")
    return asked
