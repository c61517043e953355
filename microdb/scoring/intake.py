"""From a file that someone wants scored to a stored micrograph."""

from typing import IO

from django.core.files.base import File
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.hashing import file_sha256
from microdb.micrographs.models import Dataset, Micrograph, ScaleSource, reason_withheld
from microdb.micrographs.scale.sidecar import Sidecar
from microdb.micrographs.services import add_micrograph, read_again, set_scale, take_into_dataset, take_sidecar

SCALE_TOLERANCE = 0.01
"""Relative difference up to which two scales of the same file count as one."""


def store_for_scoring(
    *,
    dataset: Dataset,
    file: IO[bytes],
    filename: str,
    by: User | None,
    pixels_per_micrometre: float | None = None,
    scale_source: str = ScaleSource.BY_HAND,
    sidecar: Sidecar | None = None,
    label: str = "",
    specimen: str = "",
    modality: str = "",
    split: str = "",
    add_to_dataset: bool = False,
) -> Micrograph:
    """Store a file, unread; it becomes part of the dataset only if ``add_to_dataset``. The caller lets it be read.

    A file that is stored already stays as it is, with its label.

    Raises MicroDBError with the reason why the file can't be stored, or why its scale can't be the one given.
    """
    if there := _there_already(dataset, file, by):
        _settle_scale(there, pixels_per_micrometre, scale_source, by)
        _settle_sidecar(there, sidecar, by)
        return take_into_dataset(micrograph=there, by=by) if add_to_dataset else there
    return add_micrograph(
        dataset=dataset,
        file=file,
        filename=filename,
        by=by,
        pixels_per_micrometre=pixels_per_micrometre,
        scale_source=scale_source if pixels_per_micrometre is not None else "",
        sidecar=sidecar,
        label=label,
        specimen=specimen,
        modality=modality,
        split=split,
        scored_only=not add_to_dataset,
    )


def _there_already(dataset: Dataset, file: IO[bytes], by: User | None) -> Micrograph | None:
    stored = Micrograph.objects.stored().filter(dataset=dataset, sha256=file_sha256(file))
    there = stored.select_related("material_class").first()
    if there is None:
        return None
    if stored.withheld_from(by).exists():
        raise MicroDBError(reason_withheld(), code="withheld")
    if there.can_be_read_again:
        _bring_back(there, file)
    if there.state == Micrograph.State.REFUSED:
        raise MicroDBError(there.refusal, code="refused")
    return there


def _bring_back(there: Micrograph, file: IO[bytes]) -> None:
    """Have a micrograph read again whose reading failed through no fault of its file, which may be lost since then."""
    name = str(there.master.name)
    if not there.master.storage.exists(name):
        file.seek(0)
        there.master.storage.save(name, File(file))
    read_again(micrographs=Micrograph.objects.filter(pk=there.pk))
    there.refresh_from_db()


def _settle_sidecar(there: Micrograph, sidecar: Sidecar | None, by: User | None) -> None:
    """Give a stored micrograph without a scale the one of a sidecar that comes now, if it has one."""
    if sidecar is None or there.pixels_per_micrometre is not None or there.state == Micrograph.State.READING:
        return
    try:
        take_sidecar(micrograph=there, sidecar=sidecar, by=by)
    except MicroDBError as error:
        there.scale_note = error.message  # the result says why; the row keeps its own note
        return
    there.refresh_from_db()


def _settle_scale(there: Micrograph, given: float | None, source: str, by: User | None) -> None:
    """Set the scale of a stored micrograph that has none. Raises MicroDBError where it has a different one."""
    if given is None:
        return
    if there.pixels_per_micrometre is None:
        set_scale(micrographs=[there], pixels_per_micrometre=given, source=source, by=by)
        there.refresh_from_db()
    elif abs(given / there.pixels_per_micrometre - 1) > SCALE_TOLERANCE:
        raise MicroDBError(
            _(
                "This file is stored already, as %(name)s, with %(stored)g pixels per micrometre; %(given)g was given. "
                "Leave the scale out, or correct it on the micrograph's page."
            )
            % {"name": there.filename, "stored": there.pixels_per_micrometre, "given": given},
            code="scale_differs",
        )
