"""From a batch request to the inputs of a batch: each file and each id answers for itself."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.manifest import MANIFEST, ManifestRow, parse_manifest
from microdb.micrographs.import_export.rows_of_files import RowsOfFiles
from microdb.micrographs.models import Dataset, Micrograph, ScaleSource
from microdb.micrographs.tasks import enqueue_reading
from microdb.micrographs.validation.text import clean_filename
from microdb.scoring.intake import store_for_scoring
from microdb.scoring.services import BatchInput


def micrograph_inputs(dataset: Dataset, keys: Sequence[UUID]) -> list[BatchInput]:
    """Stored micrographs in the order asked; a key that names none gets its reason."""
    found = Micrograph.objects.stored().filter(dataset=dataset).in_bulk(keys)
    missing = "This dataset has no micrograph of this id."
    return [
        BatchInput(found[key].filename, found[key]) if key in found else BatchInput(str(key), error=missing)
        for key in keys
    ]


def file_inputs(
    dataset: Dataset,
    files: "Sequence[UploadedFile[Any]]",
    *,
    paths: Sequence[str],
    manifest: "UploadedFile[Any] | None",
    scale: float | None,
    by: User,
    add_to_dataset: bool = False,
) -> Iterator[BatchInput]:
    """Each file stored in the dataset with its row of the manifest, then the rows whose file was not sent.

    ``paths`` are the files' names with their folders; where it is empty, the names of the multipart parts count.
    Raises MicroDBError for a wrong manifest, or where there are not as many paths as files.
    """
    if paths and len(paths) != len(files):
        raise MicroDBError(
            _("paths must name every file once: %(files)d files and %(paths)d paths were sent.")
            % {"files": len(files), "paths": len(paths)},
            code="invalid",
        )
    names = [_path(file, path) for file, path in zip(files, paths or [""] * len(files), strict=True)]
    given_rows = parse_manifest(manifest.file, manifest.name or MANIFEST).rows if manifest and manifest.file else []
    rows = RowsOfFiles(given_rows, names)
    for file, name in zip(files, names, strict=True):
        try:
            given = _known_of(rows.row_of(name), scale)
            one = store_for_scoring(
                dataset=dataset, file=file, filename=name, by=by, add_to_dataset=add_to_dataset, **given
            )
            enqueue_reading(one)
            yield BatchInput(name, one)
        except MicroDBError as error:
            yield BatchInput(name, error=error.message)
    for row in rows.without_file():
        yield BatchInput(
            row.filename, error=_("The manifest names this file in line %d, but it was not sent.") % row.line
        )


def _path(file: "UploadedFile[Any]", path: str) -> str:
    return clean_filename(path or getattr(file, "given_path", "") or file.name or "")


def _known_of(row: ManifestRow | None, scale: float | None) -> dict[str, Any]:
    """The fields to store a file with: its own row wins over the values given for all files."""
    own = row.pixels_per_micrometre if row else None
    known: dict[str, Any] = {"pixels_per_micrometre": scale if own is None else own}
    if own is not None:
        known["scale_source"] = ScaleSource.SIDECAR
    if row:
        known |= {"label": row.label, "specimen": row.specimen, "modality": row.modality, "split": row.split}
    return known
