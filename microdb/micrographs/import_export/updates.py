"""What a manifest, a folder or a sidecar would change of stored micrographs. Nothing is written here."""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.file_names import PathEndings
from microdb.manifest import Manifest, ManifestRow
from microdb.micrographs.import_export.manifest_notes import format_note, scale_note
from microdb.micrographs.import_export.rows_of_files import RowsOfFiles
from microdb.micrographs.models import Dataset, Micrograph, ScaleSource
from microdb.micrographs.validation.fields import (
    checked_label,
    checked_modality,
    checked_scale,
    checked_specimen,
    checked_split,
)
from microdb.micrographs.validation.labels import KnownLabels

ROWS_AT_ONCE = 2000
SAME_SCALE = 1e-9
"""Relative difference up to which two scales are the same number."""


@dataclass(frozen=True)
class Update:
    """A stored micrograph with the values that it would get, by field; only those that differ from its own."""

    micrograph: Micrograph
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.micrograph.filename

    @property
    def overwrites(self) -> bool:
        """Whether a value that is there would be replaced, not only an empty one filled."""
        return any(_shown(_stored(self.micrograph, name)) for name in self.values)

    @property
    def sentence(self) -> str:
        """For example “scale none → 10.3, specimen none → S1”."""
        names = {"label": _("label"), "scale": _("scale"), "specimen": _("specimen"), "modality": _("modality")}
        changes = []
        for name, value in self.values.items():
            old = _shown(_stored(self.micrograph, name)) or _("none")
            changes.append(f"{names.get(name, _('split'))} {old} → {_shown(value)}")
        return ", ".join(changes)


def update_of(micrograph: Micrograph, wanted: Mapping[str, Any], labels: KnownLabels) -> Update:
    """Empty values of ``wanted`` change nothing. Raises MicroDBError for a value that no micrograph can have."""
    label = checked_label(str(wanted.get("label") or ""))
    values = {
        "label": labels.find(label) or label,
        "scale": _scale(wanted),
        "specimen": checked_specimen(str(wanted.get("specimen") or "")),
        "modality": checked_modality(str(wanted.get("modality") or "")),
        "split": checked_split(str(wanted.get("split") or "")),
    }
    return Update(micrograph, {name: new for name, new in values.items() if new and _differs(micrograph, name, new)})


@dataclass(frozen=True)
class ManifestUpdates:
    """What a manifest would change, the problem of each row or file that is left out, and how it was understood."""

    updates: list[Update] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    note: str = ""
    same: int = 0

    @property
    def digest(self) -> str:
        """Of the changes: who agrees to them agrees to these and no others."""
        lines = (f"{one.micrograph.pk} {one.sentence} {sorted(one.values)}" for one in self.updates)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def manifest_updates(dataset: Dataset, manifest: Manifest) -> ManifestUpdates:
    """The manifest's rows beside the stored micrographs of the same path; folders may be missing on either side."""
    names = dict(dataset.shown().kept().order_by("filename", "pk").values_list("pk", "filename"))
    rows = RowsOfFiles(manifest.rows, list(names.values()), PathEndings)
    labels = KnownLabels(dataset.material_classes.values_list("name", flat=True))
    found = ManifestUpdates(note=format_note(manifest))
    matched: dict[Any, ManifestRow] = {}
    for key, name in names.items():
        try:
            if row := rows.row_of(name):
                matched[key] = row
        except MicroDBError as error:
            found.problems.append((name, error.message))
    same = 0
    for micrograph in _in_parts(list(matched)):
        try:
            update = update_of(micrograph, _wanted(matched[micrograph.pk]), labels)
            if update.values.get("label") and labels.find(update.values["label"]) is None:
                raise MicroDBError(_("“%s” is no class of this dataset. Add the class first.") % update.values["label"])
        except MicroDBError as error:
            found.problems.append((micrograph.filename, error.message))
            continue
        if update.values:
            found.updates.append(update)
        else:
            same += 1
    unmatched = _("The dataset has no micrograph of this name.")
    found.problems.extend((row.filename, unmatched) for row in rows.without_file())
    return ManifestUpdates(found.updates, found.problems, found.note, same)


def _in_parts(keys: list[Any]) -> Iterator[Micrograph]:
    for start in range(0, len(keys), ROWS_AT_ONCE):
        some = keys[start : start + ROWS_AT_ONCE]
        found = Micrograph.objects.filter(pk__in=some).select_related("material_class", "dataset").in_bulk()
        yield from (found[key] for key in some if key in found)


def _wanted(row: ManifestRow) -> dict[str, Any]:
    return {
        "label": row.label,
        "pixels_per_micrometre": row.pixels_per_micrometre,
        "scale_source": ScaleSource.SIDECAR.value,
        "scale_note": scale_note(row) if row.scale else "",
        "specimen": row.specimen,
        "modality": row.modality,
        "split": row.split,
    }


def _scale(wanted: Mapping[str, Any]) -> tuple[float, str, str] | None:
    given = wanted.get("pixels_per_micrometre")
    if not given:
        return None
    scale = checked_scale(float(given))
    assert scale is not None
    source = str(wanted.get("scale_source") or ScaleSource.SIDECAR.value)
    return scale, source, str(wanted.get("scale_note") or "")


def _stored(micrograph: Micrograph, name: str) -> Any:
    if name == "label":
        return micrograph.answer
    if name == "scale":
        return (micrograph.pixels_per_micrometre, micrograph.scale_source, micrograph.scale_note)
    return getattr(micrograph, name)


def _differs(micrograph: Micrograph, name: str, new: Any) -> bool:
    old = _stored(micrograph, name)
    if name == "scale":
        return old[0] is None or not math.isclose(old[0], new[0], rel_tol=SAME_SCALE)
    return bool(old != new)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return "" if value[0] is None else f"{value[0]:.6g}"
    return str(value)


def count_values(updates: Iterable[Update]) -> int:
    """How many single values would change."""
    return sum(len(one.values) for one in updates)
