"""From a batch request to the inputs of a batch: each file and each id answers for itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.manifest import MANIFEST, ManifestRow, parse_manifest
from microdb.micrographs.import_export.manifest_notes import understood
from microdb.micrographs.import_export.rows_of_files import RowsOfFiles
from microdb.micrographs.models import Dataset, ScaleSource
from microdb.micrographs.scale.sidecar import sent_sidecar
from microdb.micrographs.tasks import enqueue_reading
from microdb.scoring.api.sent_files import File, SentFiles
from microdb.scoring.batch_manifest import rows_of_batch
from microdb.scoring.intake import store_for_scoring
from microdb.scoring.models import Batch
from microdb.scoring.services import BatchInput


@dataclass(frozen=True)
class About:
    """What holds for all files of a request."""

    by: User
    pixels_per_micrometre: float | None = None
    add_to_dataset: bool = False


@dataclass(frozen=True)
class BatchInputs:
    """What a request asks to score, stored as it is iterated, and how its manifest was understood."""

    items: Iterable[BatchInput]
    manifest: Mapping[str, Any] | None = None


def file_inputs(
    dataset: Dataset, files: Sequence[File], *, paths: Sequence[str], manifest: "File | None", about: About
) -> BatchInputs:
    """Each image stored in the dataset with its row of the manifest, then what was sent or named without an image.

    ``paths`` are the files' names with their folders; where it is empty, the names of the multipart parts count. A text
    file with the name of an image is its sidecar. Raises MicroDBError for a wrong manifest, or where there are not as
    many paths as files.
    """
    sent = SentFiles.of(files, paths)
    table = parse_manifest(manifest.file, manifest.name or MANIFEST) if manifest and manifest.file else None
    rows = RowsOfFiles(table.rows if table else [], [name for name, _file in sent.images])
    items = chain(_inputs(dataset, sent, rows, about), _rows_without_file(rows))
    return BatchInputs(items, understood(table, rows) if table else None)


def open_batch_inputs(batch: Batch, files: Sequence[File], *, paths: Sequence[str], by: User) -> list[BatchInput]:
    """The same for files that are added to an open batch, whose manifest keys each row by the full path.

    Raises MicroDBError, before anything is stored, where two files have the same path.
    """
    sent = SentFiles.of(files, paths)
    sent.refuse_same_paths()
    rows = rows_of_batch(batch, [name for name, _file in sent.images])
    about = About(by, batch.pixels_per_micrometre, batch.add_to_dataset)
    return list(_inputs(batch.model_version.dataset, sent, rows, about))


def _inputs(dataset: Dataset, sent: SentFiles, rows: RowsOfFiles, about: About) -> Iterator[BatchInput]:
    for path, file in sent.images:
        line = None
        try:
            row = rows.row_of(path)
            line = row.line if row else None
            known = _known_of(row, about.pixels_per_micrometre) | {"sidecar": sent_sidecar(sent.sidecar_of(path))}
            one = store_for_scoring(
                dataset=dataset, file=file, filename=path, by=about.by, add_to_dataset=about.add_to_dataset, **known
            )
            enqueue_reading(one)
            yield BatchInput(path, one, manifest_line=line)
        except MicroDBError as error:
            yield BatchInput(path, error=error.message, error_code=error.code, manifest_line=line)
    for name in sent.sidecars_alone():
        sentence = _("No image of this text file’s name was sent with it.")
        yield BatchInput(name, error=sentence, error_code="no_image")


def _rows_without_file(rows: RowsOfFiles) -> Iterator[BatchInput]:
    for row in rows.without_file():
        sentence = _("The manifest names this file in line %d, but it was not sent.") % row.line
        yield BatchInput(row.filename, error=sentence, error_code="not_sent", manifest_line=row.line)


def _known_of(row: ManifestRow | None, scale: float | None) -> dict[str, Any]:
    """The fields to store a file with: its own row wins over the values given for all files."""
    own = row.pixels_per_micrometre if row else None
    known: dict[str, Any] = {"pixels_per_micrometre": scale if own is None else own}
    if own is not None:
        known["scale_source"] = ScaleSource.SIDECAR
    if row:
        known |= {"label": row.label, "specimen": row.specimen, "modality": row.modality, "split": row.split}
    return known
