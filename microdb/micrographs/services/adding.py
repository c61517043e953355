"""From a stranger's file to a stored micrograph: checked, kept untouched, then read."""

import hashlib
import logging
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.files.decoding import read_header
from microdb.micrographs.files.isolation import read_isolated
from microdb.micrographs.files.measuring import Reading
from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.models import Change, Dataset, Micrograph, ScaleSource
from microdb.micrographs.scale.metadata import scale_in_metadata
from microdb.micrographs.services.curating import scale_text
from microdb.micrographs.services.twins import find_twins
from microdb.micrographs.validation.fields import (
    checked_modality,
    checked_scale,
    checked_source,
    checked_specimen,
    checked_split,
    find_class,
    is_none_of_these,
    is_unsure,
)
from microdb.micrographs.validation.text import clean_filename

logger = logging.getLogger(__name__)

CHUNK = 2**20
NOTE_LENGTH = 250


def add_micrograph(
    *,
    dataset: Dataset,
    file: IO[bytes],
    filename: str,
    by: User | None,
    pixels_per_micrometre: float | None = None,
    scale_source: str = "",
    scale_note: str = "",
    label: str = "",
    specimen: str = "",
    modality: str = "",
    split: str = "",
) -> Micrograph:
    """Check the header and store the file untouched; the micrograph is ``reading`` until ``read_micrograph``.

    Without a given scale, one that the file's metadata tell is taken; a given one counts as typed by hand unless
    ``scale_source`` says otherwise. Raises MicroDBError, with nothing stored; code ``duplicate`` where the dataset has
    these bytes.
    """
    header = read_header(file)
    micrograph = Micrograph(
        dataset=dataset,
        filename=clean_filename(filename),
        file_format=header.file_format,
        width=header.width,
        height=header.height,
        bit_depth=header.bit_depth,
        material_class=find_class(dataset=dataset, label=label),
        none_of_these=is_none_of_these(label),
        unsure=is_unsure(label),
        specimen=checked_specimen(specimen),
        modality=checked_modality(modality),
        split=checked_split(split),
        uploaded_by=by,
        **_scale(file, pixels_per_micrometre, scale_source, scale_note),
    )
    micrograph.sha256 = _sha256(file)
    _refuse_duplicate(micrograph)
    _store(micrograph, file)
    return micrograph


def read_micrograph(*, micrograph: Micrograph) -> Micrograph:
    """Decode the master and make what is shown of it; afterwards the micrograph is ready, or refused with the reason.

    May be called twice, also at the same time: only the first to end writes anything.
    """
    if micrograph.state != Micrograph.State.READING:
        return micrograph
    try:
        reading = read_isolated(micrograph.master)
    except MicroDBError as error:
        return refuse_micrograph(micrograph=micrograph, refusal=error.message)
    except FileNotFoundError:
        return refuse_micrograph(micrograph=micrograph, refusal=_("The stored file is gone. Add it again."))
    micrograph.display.save("", ContentFile(reading.display), save=False)
    micrograph.thumbnail.save("", ContentFile(reading.thumbnail), save=False)
    made = {"display": str(micrograph.display.name), "thumbnail": str(micrograph.thumbnail.name)}
    if _end_reading(micrograph, Micrograph.State.READY, **_learned(micrograph, reading), **made):
        find_twins(micrograph=micrograph)
    else:
        for name in made.values():
            default_storage.delete(name)
    return micrograph


def add_hashes(*, micrograph: Micrograph) -> None:
    """For one that was read before hashes were kept: learn them and the flaw, and note its duplicates.

    Raises MicroDBError where the master can't be read any more. What people see or said of it stays as it is.
    """
    learned = _learned(micrograph, read_isolated(micrograph.master))
    row = Micrograph.objects.filter(pk=micrograph.pk)
    row.update(**{name: learned[name] for name in ("pixel_sha256", "perceptual_hash", "flaw", "bar_pixels")})
    micrograph.refresh_from_db()
    find_twins(micrograph=micrograph)


def refuse_micrograph(*, micrograph: Micrograph, refusal: str) -> Micrograph:
    """Keep the row, which says why, and drop the file."""
    master = micrograph.master.name
    if _end_reading(micrograph, Micrograph.State.REFUSED, refusal=refusal, master="") and master:
        default_storage.delete(master)
    return micrograph


@transaction.atomic
def add_and_read_micrograph(**given: Any) -> Micrograph:
    """``add_micrograph`` and ``read_micrograph`` at once; a file that can't be read raises and leaves nothing."""
    micrograph = read_micrograph(micrograph=add_micrograph(**given))
    if micrograph.state == Micrograph.State.REFUSED:
        raise MicroDBError(micrograph.refusal, code="truncated")
    return micrograph


def _learned(micrograph: Micrograph, reading: Reading) -> dict[str, Any]:
    """What the pixels tell; a data bar edge that an import gave stays."""
    return {
        "width": reading.width,
        "height": reading.height,
        "bit_depth": reading.bit_depth if reading.bit_depth > 8 else micrograph.bit_depth,
        "pixel_sha256": reading.pixel_sha256,
        "perceptual_hash": reading.perceptual_hash,
        "flaw": reading.flaw,
        "data_bar_top": micrograph.data_bar_top or reading.data_bar_top,
        "bar_pixels": reading.bar_pixels,
    }


def _scale(file: IO[bytes], given: float | None, source: str, note: str) -> dict[str, Any]:
    """The scale, its source and the source's words; a given scale wins over the file's own."""
    scale = checked_scale(given)
    if scale is not None:
        origin = checked_source(source or ScaleSource.BY_HAND)
    else:
        found = scale_in_metadata(file)
        scale, note = found.pixels_per_micrometre, found.note or note
        origin = ScaleSource.METADATA if scale is not None else ""
    return {"pixels_per_micrometre": scale, "scale_source": origin, "scale_note": note[:NOTE_LENGTH]}


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _store(micrograph: Micrograph, file: IO[bytes]) -> None:
    """File first, row second: a row always has its file. Without the row, the file goes again."""
    file.seek(0)
    micrograph.master.save("", File(file), save=False)
    try:
        with transaction.atomic():
            micrograph.save(force_insert=True)
            Change.objects.bulk_create(_first_history(micrograph))
            touch([micrograph.dataset_id])
    except BaseException as error:
        default_storage.delete(str(micrograph.master.name))
        if isinstance(error, IntegrityError):
            _refuse_duplicate(micrograph)  # added by somebody else since we looked
        raise


def _first_history(micrograph: Micrograph) -> list[Change]:
    label, scale, by = micrograph.answer, scale_text(micrograph), micrograph.uploaded_by
    history = []
    if label:
        history.append(Change(micrograph=micrograph, field=Change.Field.LABEL, new=label, by=by))
    if scale:
        source = micrograph.scale_source
        history.append(Change(micrograph=micrograph, field=Change.Field.SCALE, new=scale, scale_source=source, by=by))
    return history


def _refuse_duplicate(micrograph: Micrograph) -> None:
    there = micrograph.dataset.micrographs.kept().filter(sha256=micrograph.sha256).first()
    if there is None:
        return
    if there.state == Micrograph.State.REFUSED:
        sentence = _("The same file was refused before, as “%(filename)s”: %(refusal)s") % {
            "filename": there.filename,
            "refusal": there.refusal,
        }
    else:
        sentence = _("The dataset has this file already, as “%s”. Nothing was added.") % there.filename
    raise MicroDBError(sentence, code="duplicate")


def _end_reading(micrograph: Micrograph, state: str, **fields: Any) -> bool:
    """Move out of ``reading``; False where another worker was first."""
    row = Micrograph.objects.filter(pk=micrograph.pk, state=Micrograph.State.READING)
    ended = row.update(state=state, **fields)
    micrograph.refresh_from_db()
    touch([micrograph.dataset_id])
    return bool(ended)
