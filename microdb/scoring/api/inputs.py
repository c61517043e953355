"""From a batch request to the inputs of a batch: each file and each id answers for itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.manifest import MANIFEST, ManifestRow, parse_manifest
from microdb.micrographs.import_export.manifest_notes import understood
from microdb.micrographs.import_export.rows_of_files import RowsOfFiles
from microdb.micrographs.models import Dataset, ScaleSource
from microdb.micrographs.scale.sidecar import is_sidecar_name, sent_sidecar, sidecar_names
from microdb.micrographs.tasks import enqueue_reading
from microdb.micrographs.validation.text import clean_filename
from microdb.scoring.intake import store_for_scoring
from microdb.scoring.services import BatchInput

File: TypeAlias = "UploadedFile[Any]"


@dataclass(frozen=True)
class BatchInputs:
    """What a request asks to score, stored as it is iterated, and how its manifest was understood."""

    items: Iterable[BatchInput]
    manifest: Mapping[str, Any] | None = None


def micrograph_inputs(dataset: Dataset, keys: Sequence[UUID]) -> BatchInputs:
    """Stored micrographs in the order asked; a key that names none gets its reason."""
    found = dataset.shown().stored().in_bulk(keys)
    missing = "This dataset has no micrograph of this id."
    return BatchInputs(
        BatchInput(found[key].filename, found[key]) if key in found else BatchInput(str(key), error=missing)
        for key in keys
    )


def file_inputs(
    dataset: Dataset,
    files: Sequence[File],
    *,
    paths: Sequence[str],
    manifest: "File | None",
    scale: float | None,
    by: User,
    add_to_dataset: bool = False,
) -> BatchInputs:
    """Each image stored in the dataset with its row of the manifest, then what was sent or named without an image.

    ``paths`` are the files' names with their folders; where it is empty, the names of the multipart parts count. A text
    file with the name of an image is its sidecar. Raises MicroDBError for a wrong manifest, or where there are not as
    many paths as files.
    """
    named = _named(files, paths)
    sidecars = {name.lower(): (name, file) for name, file in named if is_sidecar_name(name)}
    images = [(name, file) for name, file in named if not is_sidecar_name(name)]
    table = parse_manifest(manifest.file, manifest.name or MANIFEST) if manifest and manifest.file else None
    rows = RowsOfFiles(table.rows if table else [], [name for name, _file in images])
    about = {"dataset": dataset, "by": by, "add_to_dataset": add_to_dataset}
    return BatchInputs(_inputs(images, sidecars, rows, scale, about), understood(table, rows) if table else None)


def _named(files: Sequence[File], paths: Sequence[str]) -> list[tuple[str, File]]:
    if paths and len(paths) != len(files):
        raise MicroDBError(
            _("paths must name every file once: %(files)d files and %(paths)d paths were sent.")
            % {"files": len(files), "paths": len(paths)},
            code="invalid",
        )
    return [(_path(file, path), file) for file, path in zip(files, paths or [""] * len(files), strict=True)]


def _inputs(
    images: Sequence[tuple[str, File]],
    sidecars: Mapping[str, tuple[str, File]],
    rows: RowsOfFiles,
    scale: float | None,
    about: Mapping[str, Any],
) -> Iterator[BatchInput]:
    fitting = {name for path, _file in images for name in sidecar_names(path)}
    for path, file in images:
        line = None
        try:
            row = rows.row_of(path)
            line = row.line if row else None
            beside = next((sidecars[name][1] for name in sidecar_names(path) if name in sidecars), None)
            known = _known_of(row, scale) | {"sidecar": sent_sidecar(beside)}
            one = store_for_scoring(file=file, filename=path, **about, **known)
            enqueue_reading(one)
            yield BatchInput(path, one, manifest_line=line)
        except MicroDBError as error:
            yield BatchInput(path, error=error.message, manifest_line=line)
    for key, (name, _file) in sidecars.items():
        if key not in fitting:
            yield BatchInput(name, error=_("No image of this text file’s name was sent with it."))
    for row in rows.without_file():
        sentence = _("The manifest names this file in line %d, but it was not sent.")
        yield BatchInput(row.filename, error=sentence % row.line, manifest_line=row.line)


def _path(file: File, path: str) -> str:
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
