"""From a batch request to the inputs of a batch: each file and each id answers for itself."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.manifest import ManifestRow, decode_manifest
from microdb.micrographs.models import Dataset, Micrograph, ScaleSource
from microdb.scoring.intake import store_for_scoring
from microdb.scoring.services import BatchInput


def micrograph_inputs(dataset: Dataset, keys: Sequence[UUID]) -> list[BatchInput]:
    """Stored micrographs in the order asked; a key that names none gets its reason."""
    found = Micrograph.objects.kept().filter(dataset=dataset).in_bulk(keys)
    missing = "This dataset has no micrograph of this id."
    return [
        BatchInput(found[key].filename, found[key]) if key in found else BatchInput(str(key), error=missing)
        for key in keys
    ]


def file_inputs(
    dataset: Dataset,
    files: "Sequence[UploadedFile[Any]]",
    *,
    manifest: "UploadedFile[Any] | None",
    scale: float | None,
    by: User,
) -> Iterator[BatchInput]:
    """Each file stored in the dataset with its row of the manifest. Raises MicroDBError only for a wrong manifest."""
    rows = _rows(manifest) if manifest else {}
    for file in files:
        name = file.name or ""
        try:
            given = _known_of(rows.get(name), scale)
            yield BatchInput(name, store_for_scoring(dataset=dataset, file=file, filename=name, by=by, **given))
        except MicroDBError as error:
            yield BatchInput(name, error=error.message)


def _known_of(row: ManifestRow | None, scale: float | None) -> dict[str, Any]:
    """The fields to store a file with: its own row wins over the values given for all files."""
    own = row.pixels_per_micrometre if row else None
    known: dict[str, Any] = {"pixels_per_micrometre": scale if own is None else own}
    if own is not None:
        known["scale_source"] = ScaleSource.SIDECAR
    if row:
        known |= {"label": row.label, "specimen": row.specimen, "modality": row.modality, "split": row.split}
    return known


def _rows(manifest: "UploadedFile[Any]") -> dict[str, ManifestRow]:
    """The manifest's rows by file name without folders, since uploaded files come without them."""
    rows = decode_manifest(manifest.read(), "manifest.csv")
    return {PurePosixPath(row.filename).name: row for row in rows}
