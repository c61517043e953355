"""One action on many micrographs, and what its undoing needs."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microdb.accounts.models import User
from microdb.accounts.requests import SignedInRequest
from microdb.audit_log.recording import together
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.curation.dependants import dependants_sentence
from microdb.micrographs.import_export.updates import Update
from microdb.micrographs.models import Dataset, Micrograph, MicrographQuerySet, ScaleSource, Split
from microdb.micrographs.tasks import start_rereading

UNDOABLE = 5000
"""The old values of at most this many micrographs are kept in the session for an undo."""


@dataclass(frozen=True)
class Done:
    """A bulk action that happened: its sentence, and its undo (None where there is none)."""

    sentence: str
    undo: dict[str, Any] | None


NOTHING: dict[str, Any] = {"steps": []}
UNDO = "micrographs_undo"
"""Session key of what the last bulk action can be undone with."""


def keep_undo(request: SignedInRequest, dataset: Dataset, sentence: str, undo: dict[str, Any]) -> bool:
    """Offer to undo on the next gallery; False where too much was changed to keep it in the session."""
    if sum(len(pks) for step in undo["steps"] for _old, pks in step["before"]) > UNDOABLE:
        return False
    request.session[UNDO] = {"dataset": dataset.pk, "sentence": sentence, "undo": undo}
    return True


def keep_undo_of_drop(request: SignedInRequest, dataset: Dataset, drop: str, undo: dict[str, Any]) -> bool:
    """Offer to undo all changes of a drop, which come in several requests; False where they are too many.

    Then none of them is undone, and the session keeps that for the requests of the drop that follow.
    """
    kept = request.session.pop(UNDO, None)
    before = kept if kept and drop and kept.get("drop") == drop and kept["dataset"] == dataset.pk else {}
    undo = {"steps": [*undo["steps"], *before.get("undo", NOTHING)["steps"]]}  # the latest is undone first
    count = len({pk for step in undo["steps"] for _old, pks in step["before"] for pk in pks})
    text = ngettext("The drop changed %d stored micrograph.", "The drop changed %d stored micrographs.", count) % count
    offered = not before.get("too_many") and keep_undo(request, dataset, text, undo)
    if not offered:
        request.session[UNDO] = {"dataset": dataset.pk, "undo": NOTHING, "shown": True, "too_many": True}
    request.session[UNDO] |= {"drop": drop}
    return offered


def keys(given: Iterable[str]) -> list[uuid.UUID]:
    """The well-formed keys among ``given``; the others name no micrograph."""
    found = []
    for text in given:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found


def apply(*, dataset: Dataset, micrographs: MicrographQuerySet, given: QueryDict, by: User) -> Done:
    """Do ``given["action"]`` to ``micrographs``. Raises MicroDBError for no selection, action or sensible value."""
    action = given.get("action", "")
    if action not in _ACTIONS:
        raise MicroDBError(_("Choose what to do with the micrographs: “%s” is no action.") % action)
    chosen = list(micrographs.select_related("material_class", "dataset"))
    if not chosen:
        raise MicroDBError(_("Choose at least one micrograph first; none was."))
    before = _before(action, chosen)
    value = _value(action, given)
    count = _do(action, chosen, value, by)
    sentence = _SENTENCES[action](count) % {"count": count, "value": _shown(action, value)}
    if action == "trash":
        used = dependants_sentence(Micrograph.objects.filter(pk__in=[one.pk for one in chosen]))
        sentence = f"{sentence} {used}".strip()
    undo = {"steps": [{"action": _UNDOING.get(action, action), "before": before}]} if count else None
    return Done(sentence, undo)


def undo(*, dataset: Dataset, kept: dict[str, Any], by: User) -> int:
    """Give micrographs their old values back; the number that changed."""
    changed: set[str] = set()
    with together():
        for step in kept["steps"]:
            opposite = {"trash": "restore", "restore": "trash"}.get(step["action"], step["action"])
            for old, pks in step["before"]:
                if _do(opposite, Micrograph.objects.filter(dataset=dataset, pk__in=pks), old, by):
                    changed.update(pks)
    return len(changed)


def undo_of(updates: Iterable[Update]) -> dict[str, Any]:
    """What undoing a manifest's updates needs: each field as one step."""
    chosen: dict[str, list[Micrograph]] = {}
    for update in updates:
        for name in update.values:
            chosen.setdefault(name, []).append(update.micrograph)
    return {"steps": [{"action": name, "before": _before(name, some)} for name, some in chosen.items()]}


def undo_of_sidecar(micrograph: Micrograph) -> dict[str, Any]:
    """The step that takes a sidecar back which this micrograph, without a scale, is about to get."""
    return {"action": "sidecar", "before": [(micrograph.scale_note, [str(micrograph.pk)])]}


def _before(action: str, chosen: list[Micrograph]) -> list[tuple[Any, list[str]]]:
    """Keys grouped by old value."""
    groups: dict[Any, list[str]] = {}
    for micrograph in chosen:
        groups.setdefault(_ACTIONS[action](micrograph), []).append(str(micrograph.pk))
    return list(groups.items())


def _value(action: str, given: QueryDict) -> Any:
    if action != "scale":
        return given.get(action, "").strip()
    text = given.get("scale", "").strip().replace(",", ".")
    if not text:
        return (None, "", "")
    try:
        return (float(text), ScaleSource.BY_HAND.value, "")
    except ValueError:
        raise MicroDBError(
            _("The scale is a number of pixels per µm, for example 3.2; “%s” was given.") % text, code="bad_scale"
        ) from None


def _do(action: str, micrographs: Iterable[Micrograph], value: Any, by: User) -> int:
    match action:
        case "label":
            return services.set_label(micrographs=micrographs, label=value, by=by)
        case "scale":
            number, source, note = value
            return services.set_scale(
                micrographs=micrographs, pixels_per_micrometre=number, source=source, by=by, note=note
            )
        case "bar_scale":
            return services.confirm_bar_scales(micrographs=micrographs, by=by)
        case "sidecar":
            count = services.give_back_sidecars(micrographs=micrographs, note=value, by=by)
            start_rereading.delay_on_commit()
            return count
        case "specimen":
            return services.set_specimen(micrographs=micrographs, specimen=value, by=by)
        case "modality":
            return services.set_modality(micrographs=micrographs, modality=value, by=by)
        case "split":
            return services.set_split(micrographs=micrographs, split=value, by=by)
        case "restore":
            return services.restore_micrographs(micrographs=micrographs, by=by)
        case _:
            return services.trash_micrographs(micrographs=micrographs, by=by)


def _scale_with_source(one: Micrograph) -> tuple[float | None, str, str]:
    return one.pixels_per_micrometre, one.scale_source, one.scale_note


_UNDOING = {"bar_scale": "scale"}
"""The actions that another one undoes."""

_ACTIONS: dict[str, Callable[[Micrograph], Any]] = {
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


def _shown(action: str, value: Any) -> str:
    if action == "scale":
        return _("no scale") if value[0] is None else f"{value[0]:g} px/µm"
    empty = {"label": _("unlabelled"), "split": str(Split.NEITHER.label)}
    return value or empty.get(action, _("nothing"))


def _set_sentence(count: int) -> str:
    return ngettext("%(count)d micrograph: %(value)s.", "%(count)d micrographs: %(value)s.", count)


_SENTENCES: dict[str, Callable[[int], str]] = dict.fromkeys(_ACTIONS, _set_sentence) | {
    "bar_scale": lambda count: ngettext(
        "%(count)d micrograph has the scale of its micron bar.",
        "%(count)d micrographs have the scales of their micron bars.",
        count,
    ),
    "trash": lambda count: ngettext(
        "%(count)d micrograph is in the trash, for 30 days.",
        "%(count)d micrographs are in the trash, for 30 days.",
        count,
    ),
    "restore": lambda count: ngettext(
        "%(count)d micrograph is out of the trash.", "%(count)d micrographs are out of the trash.", count
    ),
}
