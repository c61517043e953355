"""The manifest of an open batch: which row belongs to which of the files that come in several requests.

A row is keyed by the full path of its file, since the other files that could have the same name are not known yet.
"""

import io
from collections.abc import Iterable
from typing import Any

from microdb.file_names import NameIndex
from microdb.manifest import Manifest, ManifestRow, parse_manifest
from microdb.micrographs.import_export.manifest_notes import understood
from microdb.micrographs.import_export.rows_of_files import RowsOfFiles
from microdb.scoring.models import Batch, BatchManifest


def rows_of_batch(batch: Batch, paths: Iterable[str]) -> RowsOfFiles:
    """The rows for files that are sent to an open batch now, beside those that it has already."""
    manifest = BatchManifest.objects.filter(batch=batch).first()
    if manifest is None:
        return RowsOfFiles([], list(paths))
    before = batch.items.exclude(manifest_line=None).values_list("filename", flat=True)
    return _matched(_table(manifest), {*paths, *before})


def rows_without_file(manifest: BatchManifest, sent: Iterable[str]) -> list[ManifestRow]:
    """The rows whose file is not among the paths sent."""
    return _matched(_table(manifest), sent).without_file()


def understood_manifest(manifest: BatchManifest, sent: Iterable[str]) -> dict[str, Any]:
    """How a manifest was read and matched. Raises MicroDBError where the whole table is wrong."""
    table = _table(manifest)
    return understood(table, _matched(table, sent))


def _table(manifest: BatchManifest) -> Manifest:
    return parse_manifest(io.BytesIO(bytes(manifest.content)), manifest.name)


def _matched(table: Manifest, paths: Iterable[str]) -> RowsOfFiles:
    return RowsOfFiles(table.rows, list(paths), lookup=NameIndex)
