"""What a table of specimens would change of their records. Nothing is written here."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.micrographs.import_export.manifest_notes import format_note
from microdb.micrographs.import_export.specimens_csv import SpecimenRow, SpecimenTable
from microdb.micrographs.models import Dataset, Specimen
from microdb.micrographs.validation.fields import checked_specimen
from microdb.micrographs.validation.specimens import (
    changes_sentence,
    checked_record,
    look_alike_error,
    specimen_key,
)


@dataclass(frozen=True)
class SpecimenUpdate:
    """A specimen with the values that its record would get, and those that they replace."""

    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        return changes_sentence(self.before, self.after)


@dataclass(frozen=True)
class SpecimenUpdates:
    """What a table would change; ``unused`` are new specimens that no micrograph names."""

    updates: list[SpecimenUpdate] = field(default_factory=list)
    unused: list[SpecimenUpdate] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    same: int = 0

    @property
    def digest(self) -> str:
        """Of the changes: who agrees to them agrees to these and no others."""
        lines = (f"{one.name} {one.sentence} {sorted(one.after)}" for one in [*self.updates, *self.unused])
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def specimen_update(specimen: Specimen, given: Mapping[str, Any]) -> SpecimenUpdate:
    """Of the ``given`` values those that differ. Raises MicroDBError for one that no specimen can have."""
    checked = checked_record(given)
    after = {name: value for name, value in checked.items() if value != getattr(specimen, name)}
    return SpecimenUpdate(specimen.name, {name: getattr(specimen, name) for name in after}, after)


def specimen_updates(dataset: Dataset, table: SpecimenTable, *, only_blank: bool = False) -> SpecimenUpdates:
    """The rows beside the records of the same specimens; with ``only_blank`` no record that has values is changed."""
    records = {one.name: one for one in dataset.specimens.all()}
    kept = dataset.shown().kept().exclude(specimen="")
    used = set(kept.order_by().values_list("specimen", flat=True).distinct())
    known = _Names({*(name for name, one in records.items() if not one.is_blank), *used})
    found = SpecimenUpdates(notes=_notes(table))
    same = 0
    for name, rows in _by_name(table.rows).items():
        try:
            specimen = records.get(known.checked(name, rows)) or Specimen(dataset=dataset, name=name)
            if only_blank and not specimen.is_blank:
                same += 1
                continue
            update = specimen_update(specimen, rows[0].values(specimen))
        except MicroDBError as error:
            found.problems.append((name, error.message))
            continue
        same += not update.after
        if update.after:
            (found.updates if name in used or not specimen.is_blank else found.unused).append(update)
    return SpecimenUpdates(found.updates, found.unused, found.problems, found.notes, same)


class _Names:
    """The names of a dataset's specimens, to tell a new one from another spelling of one that is there."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = set(names)
        self._by_key = {specimen_key(name): name for name in sorted(self._names)}

    def checked(self, name: str, rows: list[SpecimenRow]) -> str:
        """Raises MicroDBError for rows whose specimen is not clear."""
        lines = ", ".join(str(row.line) for row in rows)
        if not name:
            raise MicroDBError(_("The specimen has no name in lines %s. Add it.") % lines, code="required")
        checked_specimen(name)
        if len(rows) > 1:
            raise MicroDBError(
                _("The table describes it more than once, in lines %s. Keep one of them.") % lines, code="ambiguous_row"
            )
        alike = self._by_key.get(specimen_key(name))
        if alike and name not in self._names:
            raise look_alike_error(name, alike)
        self._names.add(name)
        self._by_key.setdefault(specimen_key(name), name)
        return name


def _by_name(rows: Iterable[SpecimenRow]) -> dict[str, list[SpecimenRow]]:
    """The rows by their specimen's name in the form in which names are stored."""
    found: dict[str, list[SpecimenRow]] = {}
    for row in rows:
        try:
            name = checked_specimen(row.specimen)
        except MicroDBError:
            name = row.specimen  # too long: refused with its row
        found.setdefault(name, []).append(row)
    return found


def _notes(table: SpecimenTable) -> list[str]:
    others = ", ".join(f"“{name}”" for name in table.other_fields)
    notes = [
        format_note(table),
        _("These columns become other fields of the specimens: %s.") % others if others else "",
    ]
    return [note for note in notes if note]
