"""One change of many micrographs, and what undoing it takes."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypedDict

from django.db import transaction

from microdb.accounts.models import User
from microdb.audit_log.recording import together
from microdb.micrographs.import_export.updates import Update
from microdb.micrographs.models import Dataset, Micrograph, Role
from microdb.micrographs.services.curating import (
    restore_micrographs,
    set_label,
    set_modality,
    set_scale,
    set_specimen,
    set_split,
    trash_micrographs,
)
from microdb.micrographs.services.lettering import confirm_bar_scales
from microdb.micrographs.services.rereading import give_back_sidecars

UNDOABLE = 5000
"""An undo is offered for at most this many old values."""
SIDECAR = "sidecar"
"""The action of an undo that has files read again without the sidecar that they got."""


class Step(TypedDict):
    """What an undo does: the action, and each old value with the keys of the micrographs that had it."""

    action: str
    before: list[tuple[Any, list[str]]]


def step_of(action: str, micrographs: Iterable[Micrograph]) -> Step:
    """The step that undoes an action of ``ACTIONS`` which is about to be done to these micrographs."""
    groups: dict[Any, list[str]] = {}
    for micrograph in micrographs:
        groups.setdefault(ACTIONS[action](micrograph), []).append(str(micrograph.pk))
    return {"action": _UNDOING.get(action, action), "before": list(groups.items())}


def steps_of_updates(updates: Iterable[Update]) -> list[Step]:
    """The steps that undo a manifest's updates: one for each field."""
    chosen: dict[str, list[Micrograph]] = {}
    for update in updates:
        for name in update.values:
            chosen.setdefault(name, []).append(update.micrograph)
    return [step_of(name, some) for name, some in chosen.items()]


def step_of_sidecar(micrograph: Micrograph) -> Step:
    """The step that takes a sidecar back which this micrograph, without a scale, is about to get."""
    return {"action": SIDECAR, "before": [(micrograph.scale_note, [str(micrograph.pk)])]}


def is_undoable(steps: Iterable[Step]) -> bool:
    """Whether there are few enough old values to keep them."""
    return sum(len(keys) for step in steps for _old, keys in step["before"]) <= UNDOABLE


def role_for(steps: Iterable[Step]) -> str:
    """The least role that may undo all of these."""
    return Role.LABELLER if all(step["action"] == "label" for step in steps) else Role.CURATOR


def change_many(*, micrographs: Iterable[Micrograph], action: str, value: Any, by: User | None) -> int:
    """Do an action of ``ACTIONS``; how many micrographs it changed.

    ``value`` is the new one; of ``scale`` a number, its source and its note. Raises MicroDBError like the services of
    the single fields.
    """
    about: dict[str, Any] = {"micrographs": micrographs, "by": by}
    match action:
        case "label":
            return set_label(label=value, **about)
        case "scale":
            number, source, note = value
            return set_scale(pixels_per_micrometre=number, source=source, note=note, **about)
        case "bar_scale":
            return confirm_bar_scales(**about)
        case "sidecar":
            return give_back_sidecars(note=value, **about)
        case "specimen":
            return set_specimen(specimen=value, **about)
        case "modality":
            return set_modality(modality=value, **about)
        case "split":
            return set_split(split=value, **about)
        case "restore":
            return restore_micrographs(**about)
        case _:
            return trash_micrographs(**about)


@transaction.atomic
def undo_steps(*, dataset: Dataset, steps: Sequence[Step], by: User | None) -> int:
    """Give micrographs their old values back, all or none; how many changed.

    After a step of ``SIDECAR`` the caller enqueues the reading of its files.
    """
    changed: set[str] = set()
    with together():
        for step in steps:
            opposite = {"trash": "restore", "restore": "trash"}.get(step["action"], step["action"])
            for old, keys in step["before"]:
                chosen = Micrograph.objects.filter(dataset=dataset, pk__in=keys)
                if change_many(micrographs=chosen, action=opposite, value=old, by=by):
                    changed.update(keys)
    return len(changed)


def _scale_with_source(one: Micrograph) -> tuple[float | None, str, str]:
    return one.pixels_per_micrometre, one.scale_source, one.scale_note


_UNDOING = {"bar_scale": "scale"}
"""The actions that another one undoes."""

ACTIONS: dict[str, Callable[[Micrograph], Any]] = {
    "label": lambda micrograph: micrograph.answer,
    "scale": _scale_with_source,
    "bar_scale": _scale_with_source,
    "specimen": lambda micrograph: micrograph.specimen,
    "modality": lambda micrograph: micrograph.modality,
    "split": lambda micrograph: micrograph.split,
    "trash": lambda micrograph: "",
    "restore": lambda micrograph: "",
}
"""Every action with the value that it replaces."""
