"""What a folder, a manifest or a zip's folder offers for import: one row per micrograph. Nothing is written here."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.file_names import AmbiguousName, NameIndex
from microdb.manifest import (
    MANIFEST,
    NO_FILENAMES,
    SPECIMENS,
    Manifest,
    ManifestRow,
    choose_manifest,
    has_manifest_name,
    has_specimens_name,
    read_manifest,
)
from microdb.micrographs.files.file_format import has_accepted_start
from microdb.micrographs.files.foreign_formats import ENDINGS
from microdb.micrographs.import_export.dataset_json import read_dataset_json
from microdb.micrographs.import_export.folder_labels import FolderLabels
from microdb.micrographs.import_export.manifest_notes import format_note, scale_note, unread_note
from microdb.micrographs.scale.sidecar import Sidecar, find_sidecar

IMAGE_ENDINGS = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", *ENDINGS}
"""A file with an image's ending is offered even if it is none, so that the person learns why it is not taken."""


@dataclass(frozen=True)
class SourceRow:
    """One micrograph on offer: where its file is, and its line of the manifest, or what its folder stands for.

    ``exported`` is what ``dataset.json`` adds: filename, scale_source, scale_note, data_bar_top, masked and
    acquisition.
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
        return scale_note(self.entry) if self.entry.scale else ""


@dataclass(frozen=True)
class Source:
    """What a path offers: its micrographs, the content of its ``dataset.json``, and what a person should know.

    ``specimens`` is the path of its table of specimens, where there is one.
    """

    rows: list[SourceRow]
    exported: Mapping[str, Any]
    notes: list[str]
    specimens: Path | None = None


def read_source(source: Path, *, unpacked: bool = False, classes: Iterable[str] = ()) -> Source:
    """The micrographs of a CSV file, or of a folder with a manifest, a subfolder per class, or files alone.

    ``unpacked``: the folder is the inside of a zip. ``classes``: those of the dataset, whose names folders may have.
    Raises MicroDBError where the whole can't be understood; what is wrong with one file shows when it is read.
    """
    if source.is_file():
        return _manifest_source(source, read_manifest(source))
    if not source.is_dir():
        raise MicroDBError(_("There is no file or folder %s. Check the path.") % source, code="not_found")
    files = [path for path in sorted(source.rglob("*")) if not _is_hidden(path, source) and path.is_file()]
    tables = [path.relative_to(source).as_posix() for path in files if path.suffix.lower() == ".csv"]
    of_specimens = [name for name in tables if has_specimens_name(name)]
    of_micrographs = [name for name in tables if not has_specimens_name(name)]
    home = "" if unpacked else source.resolve().name
    found = _folder_source(source, files, of_micrographs, home, classes)
    return _with_specimens(found, source, of_specimens)


def _folder_source(source: Path, files: list[Path], tables: list[str], home: str, classes: Iterable[str]) -> Source:
    if chosen := choose_manifest(tables):
        try:
            return _manifest_source(source / chosen, read_manifest(source / chosen), files)
        except MicroDBError as error:
            if has_manifest_name(chosen) or error.code != NO_FILENAMES:
                raise
    images = [path for path in files if path.suffix.lower() in IMAGE_ENDINGS or has_accepted_start(path)]
    if not images:
        raise MicroDBError(
            _("%(folder)s holds neither %(name)s nor an image file. Choose the folder with the micrographs.")
            % {"folder": source, "name": MANIFEST},
            code="empty",
        )
    rows = list(_folder_rows(source, images, home, classes))
    notes = [note for note in [unread_note(tables)] if note]
    return Source(rows, read_dataset_json(source), notes, find_file(source, SPECIMENS))


def _with_specimens(found: Source, source: Path, tables: list[str]) -> Source:
    """With the only table of specimens where none is beside the manifest or outermost; the notes name the others."""
    if found.specimens is None and len(tables) == 1:
        return replace(found, specimens=source / tables[0])
    note = unread_note([name for name in tables if source / name != found.specimens])
    return replace(found, notes=[*found.notes, note]) if note else found


def read_sources(paths: Sequence[Path], *, classes: Iterable[str] = ()) -> Source:
    """Of several manifests, folders and image files; where these lie in several folders, file names begin with them."""
    homes = [(path if path.is_dir() else path.parent).resolve() for path in paths]
    common = os.path.commonpath(homes)
    found = Source([], {}, [])
    for path, home in zip(paths, homes, strict=True):
        is_image = path.suffix.lower() != ".csv" and not path.is_dir()
        one = (
            Source([SourceRow(path, ManifestRow(0, path.name))], {}, [])
            if is_image
            else read_source(path, classes=classes)
        )
        for row in one.rows:
            name = (PurePosixPath(home.relative_to(common).as_posix()) / row.entry.filename).as_posix()
            found.rows.append(replace(row, entry=replace(row.entry, filename=name)))
        found.notes.extend(one.notes)
    return found


def _manifest_source(path: Path, manifest: Manifest, files: Iterable[Path] = ()) -> Source:
    exported = read_dataset_json(path.parent)
    details = exported.get("micrographs", {})
    folders: dict[Path, NameIndex] = {}
    rows = [
        SourceRow(
            find_file(path.parent, entry.filename, folders) or path.parent / entry.filename,
            entry,
            details.get(entry.filename),
        )
        for entry in manifest.rows
    ]
    named = {row.path for row in rows}
    unnamed = [one for one in files if one.suffix.lower() in IMAGE_ENDINGS and one not in named]
    notes = [format_note(manifest), _unnamed_note(manifest, unnamed)]
    return Source(rows, exported, [note for note in notes if note], find_file(path.parent, SPECIMENS))


def _unnamed_note(manifest: Manifest, unnamed: list[Path]) -> str:
    if not unnamed:
        return ""
    names = ", ".join(path.name for path in unnamed[:5]) + ("…" if len(unnamed) > 5 else "")
    text = _("%(manifest)s does not name %(count)d image files, which are left out: %(names)s")
    return text % {"manifest": manifest.name, "count": len(unnamed), "names": names}


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)


def find_file(folder: Path, name: str, listed: dict[Path, NameIndex] | None = None) -> Path | None:
    """The file ``name`` below ``folder``, in another normal form or case where only one fits; None where none does.

    ``listed`` keeps the folders that were listed, for many names.
    """
    if os.path.isfile(folder / name):  # unlike Path.is_file it is false for a name that is too long
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
    return found if os.path.isfile(found) else None


def _folder_rows(folder: Path, images: list[Path], outer: str, classes: Iterable[str]) -> Iterator[SourceRow]:
    """A folder's own name, ``outer``, stands before its files as in a drop; file names begin below the wrappers."""
    names = [(PurePosixPath(outer) / path.relative_to(folder).as_posix()).as_posix() for path in images]
    labels = FolderLabels(names, classes)
    above = max(labels.wrappers, 1 if outer else 0)
    for path, name in zip(images, names, strict=True):
        shown = "/".join(PurePosixPath(name).parts[above:])
        yield SourceRow(path, ManifestRow(0, shown, label=labels.label(name)))
