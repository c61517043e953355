"""What an upload of many files would do, before anything is sent: labels, scales and problems.

Only the names of the files are known, and the text of a manifest. A manifest counts first, then the folders (the
label, where a folder has the name of a class). The scale in an image or its sidecar is read after the upload.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.labels import label_key
from microdb.manifest import MANIFEST, ManifestRow, parse_manifest
from microdb.micrographs.import_export.source import manifest_note
from microdb.micrographs.models import Dataset, ScaleSource
from microdb.micrographs.scale.sidecar import ENDINGS
from microdb.micrographs.validation.fields import checked_label, checked_modality, checked_specimen, checked_split
from microdb.micrographs.validation.labels import KnownLabels


@dataclass(frozen=True)
class Planned:
    """One file: what it will be stored with, or ``problem``, why it will not be sent."""

    path: str
    label: str = ""
    pixels_per_micrometre: float | None = None
    scale_source: str = ""
    scale_note: str = ""
    sidecar: str = ""
    """The path of the text file that is sent along, where the scale is looked for unless a manifest gives it."""
    specimen: str = ""
    modality: str = ""
    split: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Plan:
    """The files in their order, the labels that are no class yet, and what the manifest names but nobody sent."""

    files: list[Planned]
    new_classes: list[str]
    missing: list[str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def plan_upload(
    dataset: Dataset,
    *,
    paths: Sequence[str],
    manifest: str = "",
    manifest_path: str = MANIFEST,
    sidecars: Iterable[str] = (),
) -> Plan:
    """``sidecars`` are the paths of text files. Raises MicroDBError for a wrong manifest."""
    rows = {row.filename: row for row in parse_manifest(io.StringIO(manifest, newline=""))} if manifest else {}
    inside = manifest_path[: manifest_path.rfind("/") + 1] if manifest else _common_folder(paths)
    beside = {path.lower(): path for path in sidecars}
    labels = _Labels(dataset.material_classes.values_list("name", flat=True))
    files = [_planned(path, path.removeprefix(inside), rows, beside, labels, bool(manifest)) for path in paths]
    sent = {path.removeprefix(inside) for path in paths}
    return Plan(files, sorted(labels.new), sorted(set(rows) - sent)[:1000])


class _Labels(KnownLabels):
    """The labels of the dataset, and those that the upload adds: ``new``, each in the spelling that came first."""

    def __init__(self, classes: Iterable[str]) -> None:
        super().__init__(classes)
        self._had = set(self.keys())
        self.new: set[str] = set()

    def named(self, label: str) -> str:
        """The label, known or new, that ``label`` means. Raises MicroDBError like ``find``."""
        wanted = checked_label(label)
        known = self.find(wanted)
        if known is None and wanted:
            self.new.add(wanted)
            self.add(wanted)
        return known or wanted

    def is_class(self, folder: str) -> bool:
        """Whether a folder has the name of a class that the dataset has already."""
        return label_key(folder) in self._had


def _planned(
    path: str,
    name: str,
    rows: Mapping[str, ManifestRow],
    beside: Mapping[str, str],
    labels: _Labels,
    listed: bool,
) -> Planned:
    row = rows.get(name)
    if listed and row is None:
        return Planned(path, problem=_("The manifest does not name this file, so it is not sent."))
    try:
        return _from_row(path, row, beside, labels) if row else _from_folder(path, name, beside, labels)
    except MicroDBError as error:
        return Planned(path, problem=error.message)


def _from_row(path: str, row: ManifestRow, beside: Mapping[str, str], labels: _Labels) -> Planned:
    return Planned(
        path,
        label=labels.named(row.label),
        specimen=checked_specimen(row.specimen),
        modality=checked_modality(row.modality),
        split=checked_split(row.split),
        sidecar=_sidecar(path, beside),
        **_scale_fields(row),
    )


def _from_folder(path: str, name: str, beside: Mapping[str, str], labels: _Labels) -> Planned:
    """A folder that is no class yet gives no label until a person agrees to the new class."""
    label = labels.named(_folder(name, labels))
    return Planned(path, label="" if label in labels.new else label, sidecar=_sidecar(path, beside))


def _scale_fields(row: ManifestRow) -> dict[str, Any]:
    scale = row.pixels_per_micrometre
    if scale is None:
        return {}
    return {
        "pixels_per_micrometre": scale,
        "scale_source": ScaleSource.SIDECAR.value,
        "scale_note": manifest_note(row),
    }


def _folder(name: str, labels: _Labels) -> str:
    """The first folder of a path that is called like a class, else the first; empty for a file beside the folders.

    So two folders dropped together, each with a folder per class, give the classes and not the outer names.
    """
    folders = PurePosixPath(name).parts[:-1]
    return next((folder for folder in folders if labels.is_class(folder)), folders[0] if folders else "")


def _common_folder(paths: Sequence[str]) -> str:
    """The one folder that holds all files, with its slash; it is where they were, not what they show."""
    first = {path.split("/", 1)[0] if "/" in path else "" for path in paths}
    return f"{first.pop()}/" if len(first) == 1 and first != {""} else ""


def _sidecar(path: str, beside: Mapping[str, str]) -> str:
    """``a.txt``, ``a.tif.txt``, ``a.hdr`` or ``a.tif.hdr`` beside ``a.tif``; empty where there is none."""
    names = [name for end in ENDINGS for name in (str(PurePosixPath(path).with_suffix(end)), f"{path}{end}")]
    return next((beside[name.lower()] for name in names if name.lower() in beside), "")
