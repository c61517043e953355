"""From a request to a batch: of files, of stored micrographs by id or by filter, or an open one."""

from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.manifest import MANIFEST
from microdb.micrographs.api.filters import MicrographFilter
from microdb.micrographs.models import Dataset
from microdb.scoring.api.inputs import About, file_inputs, open_batch_inputs
from microdb.scoring.models import Batch, BatchManifest
from microdb.scoring.services import (
    add_files,
    create_batch,
    create_batch_of,
    micrographs_of,
    open_batch,
    refuse_too_many,
    scored_by,
)
from microdb.training.models import ModelVersion
from microdb.training.services import scoring_version

Make = Callable[[], Batch]


def prepared(dataset: Dataset, given: Mapping[str, Any], request: Request) -> Make:
    """What makes the batch that a request asks for, to be called in a transaction; its files are stored before.

    Raises MicroDBError, with no batch made, for a request that does not say what to score.
    """
    version = scoring_version(dataset=dataset, number=given.get("model_version"))
    user, keys = cast(User, request.user), _keys(dataset, given, request, version)
    if "client_key" in given and (given["start"] or "files" in given or keys is not None):
        raise MicroDBError(
            _("client_key is for batches that are made open and empty: send start: false."), code="invalid"
        )
    if keys is not None:
        return lambda: create_batch_of(
            micrographs=dataset.shown().stored(), keys=keys, model_version=version, by=user, start=given["start"]
        )
    if not given["start"]:
        return _open(version, given, user)
    if "files" in given:
        return _of_files(version, given, user)
    raise MicroDBError(
        _("Send files, the ids of micrographs, or a filter such as ?split=quiz; or start: false for an empty batch."),
        code="invalid",
    )


def _keys(dataset: Dataset, given: Mapping[str, Any], request: Request, version: ModelVersion) -> list[UUID] | None:
    """The micrographs that a request names, filters or had scored before; None where it does none of this."""
    named = [name for name in ("files", "micrographs", "scored_by", "again") if name in given]
    if len(named) + bool(request.query_params) > 1:
        raise MicroDBError(
            _("Give a filter, or files, or ids, or what was scored before: only one of them."), code="invalid"
        )
    keys: list[UUID] | None = given.get("micrographs")
    if request.query_params:
        keys = _filtered(dataset, request)
    elif "scored_by" in given or "again" in given:
        keys = _scored_before(dataset, given, version)
    if keys is not None and given.get("pixels_per_micrometre") is not None:
        sentence = _("pixels_per_micrometre is for files: stored micrographs have their own. Leave it out.")
        raise MicroDBError(sentence, code="invalid")
    return keys


def _scored_before(dataset: Dataset, given: Mapping[str, Any], version: ModelVersion) -> list[UUID]:
    if "again" in given:
        batch = get_object_or_404(Batch, pk=given["again"], model_version__dataset=dataset)
        keys = micrographs_of(dataset, batch)
    else:
        old = get_object_or_404(ModelVersion, dataset=dataset, number=given["scored_by"])
        keys = scored_by(dataset, old, but_by=version)
    if not keys:
        raise MicroDBError(_("There is nothing to score again: all of it has a verdict, or it is gone."), code="empty")
    return keys


def _filtered(dataset: Dataset, request: Request) -> list[UUID]:
    filtered = MicrographFilter(request.query_params, queryset=dataset.shown().kept(), request=request, dataset=dataset)
    if not filtered.is_valid():
        raise ValidationError(filtered.errors)
    count = filtered.qs.count()
    if not count:
        raise MicroDBError(_("No micrograph matches this filter. Change it."), code="empty")
    refuse_too_many(count)
    return list(filtered.qs.order_by("created_at", "pk").values_list("pk", flat=True))


def _of_files(version: ModelVersion, given: Mapping[str, Any], user: User) -> Make:
    about = About(user, given.get("pixels_per_micrometre"), given["add_to_dataset"])
    paths, manifest = given.get("paths", []), given.get("manifest")
    inputs = file_inputs(version.dataset, given["files"], paths=paths, manifest=manifest, about=about)
    items = list(inputs.items)
    return lambda: create_batch(model_version=version, items=items, by=user, manifest=inputs.manifest)


def _open(version: ModelVersion, given: Mapping[str, Any], user: User) -> Make:
    options = {
        "pixels_per_micrometre": given.get("pixels_per_micrometre"),
        "add_to_dataset": given["add_to_dataset"],
        "manifest": _stored_manifest(given),
        "client_key": given.get("client_key", ""),
    }
    if "files" not in given:
        return lambda: open_batch(model_version=version, by=user, **options)
    batch = open_batch(model_version=version, by=user, **options)
    try:
        inputs = open_batch_inputs(batch, given["files"], paths=given.get("paths", []), by=user)
    except MicroDBError:
        batch.delete()
        raise

    def fill() -> Batch:
        add_files(batch=batch, inputs=inputs)
        return batch

    return fill


def _stored_manifest(given: Mapping[str, Any]) -> BatchManifest | None:
    file = given.get("manifest")
    return BatchManifest(name=(file.name or MANIFEST)[:255], content=file.read()) if file else None
