"""What an upload of many files would do, before anything is sent: labels, scales and problems.

Only the names of the files are known, and a manifest. The manifest counts first, then the folders (the label, where a
folder has the name of a class). The scale in an image or its sidecar is read after the upload.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.file_names import NameIndex, sidecar_names
from microdb.manifest import MANIFEST, Manifest, ManifestRow
from microdb.micrographs.import_export.folder_labels import FolderLabels
from microdb.micrographs.import_export.late_sidecars import LateSidecar, late_sidecars
from microdb.micrographs.import_export.manifest_notes import format_note, scale_note, unread_note
from microdb.micrographs.import_export.rows_of_files import RowsOfFiles
from microdb.micrographs.models import Dataset, ScaleSource
from microdb.micrographs.validation.fields import checked_label, checked_modality, checked_specimen, checked_split
from microdb.micrographs.validation.labels import KnownLabels

NAMED = 5
"""Missing files that a plan names."""


@dataclass(frozen=True)
class Planned:
    """One file: what it will be stored with, or ``problem``, why it will not be sent."""

    path: str
    label: str = ""
    new_class: str = ""
    pixels_per_micrometre: float | None = None
    scale_source: str = ""
    scale_note: str = ""
    sidecar: str = ""
    """The path of the text file that is sent along; the scale is looked for in it unless a manifest gives one."""
    specimen: str = ""
    modality: str = ""
    split: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Plan:
    """The files in their order, the labels that are no class yet, and what the manifest names but nobody sent.

    ``missing`` names only the first; ``notes`` say how the manifest was understood and which files were not used.
    ``late``: sidecars of stored micrographs.
    """

    files: list[Planned]
    new_classes: list[str]
    missing: list[str]
    notes: list[str]
    missing_count: int = 0
    late: list[LateSidecar] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def with_late_sidecars(self, dataset: Dataset, sidecars: Iterable[str]) -> "Plan":
        """With those of ``sidecars`` that belong to no image of the drop."""
        fitting = {name for file in self.files for name in sidecar_names(file.path)}
        late, note = late_sidecars(dataset, [path for path in sidecars if path.lower() not in fitting])
        return replace(self, late=late, notes=[*self.notes, note] if note else self.notes)


def plan_upload(
    dataset: Dataset,
    *,
    paths: Sequence[str],
    manifest: Manifest | None = None,
    manifest_path: str = MANIFEST,
    sidecars: Iterable[str] = (),
    tables: Sequence[str] = (),
) -> Plan:
    """``sidecars`` are the paths of text files, ``tables`` those of the CSV files that were not sent."""
    classes = list(dataset.material_classes.values_list("name", flat=True))
    labels = _Labels(classes)
    beside = {path.lower(): path for path in sidecars}
    plan = _plan_of_images(labels, classes, paths, manifest, manifest_path, beside, tables)
    return plan.with_late_sidecars(dataset, beside.values())


def _plan_of_images(
    labels: "_Labels",
    classes: list[str],
    paths: Sequence[str],
    manifest: Manifest | None,
    manifest_path: str,
    beside: Mapping[str, str],
    tables: Sequence[str],
) -> Plan:
    if manifest is None:
        folders = FolderLabels(paths, classes)
        files = [_from_folder(path, folders.label(path), beside, labels) for path in paths]
        return Plan(files, sorted(labels.new), [], [note for note in [unread_note(tables)] if note])
    inside = manifest_path[: manifest_path.rfind("/") + 1]
    names = {path: path.removeprefix(inside) for path in paths if path.startswith(inside)}
    rows = RowsOfFiles(manifest.rows, list(names.values()), NameIndex)
    files = [_from_manifest(path, names.get(path), rows, beside, labels) for path in paths]
    missing = sorted({row.filename for row in rows.without_file()})
    notes = [format_note(manifest), unread_note(tables)]
    return Plan(files, sorted(labels.new), missing[:NAMED], [note for note in notes if note], len(missing))


class _Labels(KnownLabels):
    """The labels of the dataset, and those that the upload adds: ``new``, each in the spelling that came first."""

    def __init__(self, classes: Iterable[str]) -> None:
        super().__init__(classes)
        self.new: set[str] = set()

    def named(self, label: str) -> str:
        """The label, known or new, that ``label`` means. Raises MicroDBError like ``find``."""
        wanted = checked_label(label)
        known = self.find(wanted)
        if known is None and wanted:
            self.new.add(wanted)
            self.add(wanted)
        return known or wanted


def _from_manifest(
    path: str, name: str | None, rows: RowsOfFiles, beside: Mapping[str, str], labels: _Labels
) -> Planned:
    try:
        row = rows.row_of(name) if name is not None else None
        if row is None:
            return Planned(path, problem=_("The manifest does not name this file, so it is not sent."))
        return Planned(
            path,
            label=labels.named(row.label),
            specimen=checked_specimen(row.specimen),
            modality=checked_modality(row.modality),
            split=checked_split(row.split),
            sidecar=_sidecar(path, beside),
            **_scale_fields(row),
        )
    except MicroDBError as error:
        return Planned(path, problem=error.message)


def _from_folder(path: str, folder: str, beside: Mapping[str, str], labels: _Labels) -> Planned:
    """A folder that is no class yet gives no label until a person agrees to the new class."""
    try:
        label = labels.named(folder)
    except MicroDBError as error:
        return Planned(path, problem=error.message)
    is_new = label in labels.new
    return Planned(
        path, label="" if is_new else label, new_class=label if is_new else "", sidecar=_sidecar(path, beside)
    )


def _scale_fields(row: ManifestRow) -> dict[str, Any]:
    scale = row.pixels_per_micrometre
    if scale is None:
        return {}
    return {
        "pixels_per_micrometre": scale,
        "scale_source": ScaleSource.SIDECAR.value,
        "scale_note": scale_note(row),
    }


def _sidecar(path: str, beside: Mapping[str, str]) -> str:
    """The path of the text file beside an image; empty where there is none."""
    return next((beside[name] for name in sidecar_names(path) if name in beside), "")
