"""From an uploaded file to a stored micrograph: its header is checked and its bytes are kept unchanged."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.hashing import file_sha256
from microdb.micrographs.files.file_format import check_name
from microdb.micrographs.files.header import read_header
from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.models import (
    Change,
    Dataset,
    Micrograph,
    MicrographQuerySet,
    Reading,
    ScaleSource,
    reason_withheld,
)
from microdb.micrographs.scale.sidecar import MOST_BYTES, Sidecar
from microdb.micrographs.services.curating import scale_text
from microdb.micrographs.services.membership import take_into_dataset
from microdb.micrographs.services.reading import read_at_once
from microdb.micrographs.uploads.parts import WholePart
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

NOTE_LENGTH = Micrograph._meta.get_field("scale_note").max_length
MOST_NAME = 255


def add_micrograph(
    *,
    dataset: Dataset,
    file: IO[bytes],
    filename: str,
    by: User | None,
    pixels_per_micrometre: float | None = None,
    scale_source: str = "",
    scale_note: str = "",
    sidecar: Sidecar | None = None,
    label: str = "",
    specimen: str = "",
    modality: str = "",
    split: str = "",
    scored_only: bool = False,
) -> Micrograph:
    """Check the header and store the file untouched; the micrograph is ``reading`` until its reading ends.

    Without a given scale, the reading takes the one in the file's metadata or in ``sidecar``. A given one counts as
    typed by hand unless ``scale_source`` names another source. Raises MicroDBError, with nothing stored; code
    ``duplicate`` where the dataset has these bytes. With ``scored_only`` the file does not become part of the dataset;
    one that was sent so before becomes part of it when it is added.
    """
    check_name(filename)
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
        scored_only=scored_only,
        **_scale(pixels_per_micrometre, scale_source, scale_note),
    )
    micrograph.sha256 = file_sha256(file)
    if not scored_only and (scored := _scored_before(micrograph)):
        return take_into_dataset(micrograph=scored, given=micrograph, by=by)
    _refuse_duplicate(micrograph)
    _store(micrograph, file, sidecar)
    return micrograph


def add_and_read_micrograph(**given: Any) -> Micrograph:
    """Add a micrograph and read it in this process; raises MicroDBError, with nothing left, where it is unreadable."""
    with files_follow_rows() as added:
        added.append(add_micrograph(**given))
        micrograph = read_at_once(micrograph=added[0])
        if micrograph.state == Micrograph.State.REFUSED:
            raise MicroDBError(micrograph.refusal, code="truncated")
    return micrograph


@contextmanager
def files_follow_rows() -> Iterator[list[Micrograph]]:
    """A transaction; where it is rolled back, the files go of those micrographs in the list whose rows went."""
    added: list[Micrograph] = []
    try:
        with transaction.atomic():
            yield added
    except BaseException:
        kept = set(Micrograph.objects.filter(pk__in=[one.pk for one in added]).values_list("pk", flat=True))
        for one in added:
            for file in (one.master, one.display, one.thumbnail) if one.pk not in kept else ():
                if file:
                    default_storage.delete(str(file.name))
        raise


def _scale(given: float | None, source: str, note: str) -> dict[str, Any]:
    """A given scale with its source and note; without one the reading looks for it."""
    scale = checked_scale(given)
    origin = "" if scale is None else checked_source(source or ScaleSource.BY_HAND)
    return {"pixels_per_micrometre": scale, "scale_source": origin, "scale_note": note[:NOTE_LENGTH]}


def _store(micrograph: Micrograph, file: IO[bytes], sidecar: Sidecar | None) -> None:
    """File first, row second: a row always has its file. Without the row, the file goes again."""
    file.seek(0)
    micrograph.master.save("", file if isinstance(file, WholePart) else File(file), save=False)
    try:
        with transaction.atomic():
            micrograph.save(force_insert=True)
            Reading.objects.create(micrograph=micrograph, **sidecar_columns(sidecar))
            Change.objects.bulk_create(_first_history(micrograph))
            touch([micrograph.dataset_id])
            verb = Verb.MICROGRAPHS_SENT if micrograph.scored_only else Verb.MICROGRAPHS_ADDED
            record(verb, dataset=micrograph.dataset, keys=[micrograph.pk], name=micrograph.filename)
    except BaseException as error:
        default_storage.delete(str(micrograph.master.name))
        if isinstance(error, IntegrityError):
            _refuse_duplicate(micrograph)  # added by somebody else since the check
        raise


def sidecar_columns(sidecar: Sidecar | None) -> dict[str, Any]:
    """The columns of a reading that keep its sidecar."""
    if sidecar is None:
        return {}
    return {"sidecar_name": sidecar.name[:MOST_NAME], "sidecar": sidecar.content[:MOST_BYTES]}


def _first_history(micrograph: Micrograph) -> list[Change]:
    label, scale, by = micrograph.answer, scale_text(micrograph), micrograph.uploaded_by
    history = []
    if label:
        history.append(Change(micrograph=micrograph, field=Change.Field.LABEL, new=label, by=by))
    if scale:
        source = micrograph.scale_source
        history.append(Change(micrograph=micrograph, field=Change.Field.SCALE, new=scale, scale_source=source, by=by))
    return history


def _scored_before(micrograph: Micrograph) -> Micrograph | None:
    """The file with the same bytes that was sent only to be scored."""
    same = micrograph.dataset.micrographs.stored().filter(sha256=micrograph.sha256, scored_only=True)
    return same.exclude(state=Micrograph.State.REFUSED).first()


def _refuse_duplicate(micrograph: Micrograph) -> None:
    same = micrograph.dataset.micrographs.stored().filter(sha256=micrograph.sha256)
    refuse_duplicate(same, micrograph.uploaded_by)


def refuse_duplicate(same: MicrographQuerySet, by: User | None) -> None:
    """Raise MicroDBError, code ``duplicate``, where there is a micrograph with the same bytes."""
    there = same.first()
    if there is None:
        return
    if same.withheld_from(by).exists():
        sentence = _("The dataset has this file already. Nothing was added.") + " " + reason_withheld()
    elif there.state == Micrograph.State.REFUSED:
        sentence = _("The same file was refused before, as “%(filename)s”: %(refusal)s") % {
            "filename": there.filename,
            "refusal": there.refusal,
        }
    else:
        sentence = _("The dataset has this file already, as “%s”. Nothing was added.") % there.filename
    raise MicroDBError(sentence, code="duplicate")
