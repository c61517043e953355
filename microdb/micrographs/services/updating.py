"""Several values of several micrographs at once, as a manifest gives them. Each change leaves a row in the history."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction

from microdb.accounts.models import User
from microdb.audit_log.recording import together
from microdb.audit_log.verbs import Verb
from microdb.micrographs.import_export.updates import Update
from microdb.micrographs.models import Micrograph
from microdb.micrographs.services.curating import set_label, set_modality, set_scale, set_specimen, set_split


@transaction.atomic
def update_micrographs(*, updates: Iterable[Update], by: User | None) -> int:
    """Make all changes or none; the number of micrographs. Raises MicroDBError like the setters of the fields."""
    groups: dict[tuple[str, Any], list[Micrograph]] = {}
    changed = set()
    for update in updates:
        changed.add(update.micrograph.pk)
        for field, value in update.values.items():
            groups.setdefault((field, value), []).append(update.micrograph)
    with together(Verb.MICROGRAPHS_CHANGED):
        for (field, value), micrographs in groups.items():
            _SETTERS[field](micrographs, value, by)
    return len(changed)


def _set_scale(micrographs: list[Micrograph], value: tuple[float, str, str], by: User | None) -> int:
    scale, source, note = value
    return set_scale(micrographs=micrographs, pixels_per_micrometre=scale, source=source, by=by, note=note)


_SETTERS: dict[str, Callable[[list[Micrograph], Any, User | None], int]] = {
    "label": lambda micrographs, value, by: set_label(micrographs=micrographs, label=value, by=by),
    "scale": _set_scale,
    "specimen": lambda micrographs, value, by: set_specimen(micrographs=micrographs, specimen=value, by=by),
    "modality": lambda micrographs, value, by: set_modality(micrographs=micrographs, modality=value, by=by),
    "split": lambda micrographs, value, by: set_split(micrographs=micrographs, split=value, by=by),
}
