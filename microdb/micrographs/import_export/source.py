"""What a folder, a manifest or a zip's folder offers for import: one row per micrograph. Nothing is written here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.file_names import AmbiguousName, NameIndex
from microdb.manifest import MANIFEST, ManifestRow, read_manifest
from microdb.micrographs.files.file_format import has_accepted_start
from microdb.micrographs.files.foreign_formats import ENDINGS
from microdb.micrographs.import_export.dataset_json import read_dataset_json
from microdb.micrographs.scale.sidecar import Sidecar, find_sidecar

IMAGE_ENDINGS = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", *ENDINGS}
"""A file with an image's ending is offered even if it is none, so that the person learns why it is not taken."""


@dataclass(frozen=True)
class SourceRow:
    """One micrograph on offer: where its file is, and its line of the manifest, or what its folder stands for.

    ``exported`` is what ``dataset.json`` adds: filename, scale_source, scale_note, data_bar_top.
    """

    path: Path
    entry: ManifestRow
    exported: Mapping[str, Any] | None = None

    @property
    def sidecar(self) -> Sidecar | None:
        """The microscope's text file beside the image, unread."""
        return find_sidecar(self.path)

    @property
    def scale_note(self) -> str:
        """The note of the scale that the manifest gives; empty where it gives none."""
        return manifest_note(self.entry) if self.entry.scale else ""


def manifest_note(entry: ManifestRow) -> str:
    """The note of a scale that a manifest gave."""
    return f"{MANIFEST}: {entry.scale}"


def single_file(path: Path) -> SourceRow:
    """A file on its own, about which nothing is known."""
    return SourceRow(path, ManifestRow(0, path.name))


def read_source(source: Path) -> list[SourceRow]:
    """Rows of a CSV file, a folder with ``micrographs.csv``, a folder with a subfolder per class, or a flat folder.

    Raises MicroDBError where the whole can't be understood; what is wrong with one file shows when it is read.
    """
    if source.is_file():
        return _manifest_rows(source)
    if not source.is_dir():
        raise MicroDBError(_("There is no file or folder %s. Check the path.") % source, code="not_found")
    if manifest := find_file(source, MANIFEST):
        return _manifest_rows(manifest)
    rows = list(_folder_rows(source))
    if not rows:
        raise MicroDBError(
            _("%(folder)s holds neither %(name)s nor an image file. Choose the folder with the micrographs.")
            % {"folder": source, "name": MANIFEST},
            code="empty",
        )
    return rows


def _manifest_rows(manifest: Path) -> list[SourceRow]:
    exported = read_dataset_json(manifest.parent).get("micrographs", {})
    folders: dict[Path, NameIndex] = {}
    return [
        SourceRow(
            find_file(manifest.parent, entry.filename, folders) or manifest.parent / entry.filename,
            entry,
            exported.get(entry.filename),
        )
        for entry in read_manifest(manifest)
    ]


def find_file(folder: Path, name: str, listed: dict[Path, NameIndex] | None = None) -> Path | None:
    """The file ``name`` below ``folder``, in another normal form or case where only one fits; None where none does.

    ``listed`` keeps the folders that were listed, for many names.
    """
    if (folder / name).is_file():
        return folder / name
    listed = {} if listed is None else listed
    found = folder
    for part in PurePosixPath(name).parts:
        if found not in listed:
            listed[found] = NameIndex(one.name for one in found.iterdir()) if found.is_dir() else NameIndex([])
        try:
            meant = listed[found].find(part)
        except AmbiguousName:
            return None
        if meant is None:
            return None
        found = found / meant
    return found if found.is_file() else None


def _folder_rows(folder: Path) -> Iterator[SourceRow]:
    """The name of the first folder below is the label; files beside the folders have none."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if any(part.startswith((".", "__")) for part in parts) or not path.is_file():
            continue
        if path.suffix.lower() in IMAGE_ENDINGS or has_accepted_start(path):
            yield SourceRow(path, ManifestRow(0, "/".join(parts), label=parts[0] if len(parts) > 1 else ""))
