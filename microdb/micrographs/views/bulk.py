"""One action on many micrographs, sent by the gallery's form, and its undo, which the session keeps."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microdb.accounts.models import User
from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.curation.dependants import dependants_sentence
from microdb.micrographs.models import Dataset, Micrograph, MicrographQuerySet, ScaleSource, Split
from microdb.micrographs.services.bulk import ACTIONS, SIDECAR, Step, change_many, is_undoable, step_of, undo_steps
from microdb.micrographs.tasks import start_rereading
from microdb.micrographs.views.pages import fresh_sentence


@dataclass(frozen=True)
class Done:
    """A bulk action that happened: its sentence, and the steps that undo it (none where nothing changed)."""

    sentence: str
    undo: list[Step]


UNDO = "undo_of_micrographs"
"""Session key of what the last bulk action can be undone with."""


def keep_undo(request: SignedInRequest, dataset: Dataset, sentence: str, steps: list[Step]) -> bool:
    """Offer to undo on the next gallery; False where too much was changed to keep it in the session."""
    if not is_undoable(steps):
        return False
    request.session[UNDO] = {"dataset": dataset.pk, "sentence": sentence, "steps": steps}
    return True


def undo_offered(request: SignedInRequest, dataset: Dataset) -> dict[str, str]:
    """What ``_undo.html`` shows of the last action, once."""
    address = reverse("micrographs:bulk_undo", args=[dataset.slug])
    return {"undo": fresh_sentence(request, dataset, UNDO), "undo_url": address}


def keep_undo_of_drop(request: SignedInRequest, dataset: Dataset, drop: str, steps: list[Step]) -> bool:
    """Offer to undo all changes of a drop, which come in several requests; False where they are too many.

    Then none of them is undone, and the session keeps that for the requests of the drop that follow.
    """
    kept = request.session.pop(UNDO, None)
    before = kept if kept and drop and kept.get("drop") == drop and kept["dataset"] == dataset.pk else {}
    steps = [*steps, *before.get("steps", [])]  # the latest is undone first
    count = len({pk for step in steps for _old, pks in step["before"] for pk in pks})
    text = ngettext("The drop changed %d stored micrograph.", "The drop changed %d stored micrographs.", count) % count
    offered = not before.get("too_many") and keep_undo(request, dataset, text, steps)
    if not offered:
        request.session[UNDO] = {"dataset": dataset.pk, "steps": [], "shown": True, "too_many": True}
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


def apply(*, micrographs: MicrographQuerySet, given: QueryDict, by: User) -> Done:
    """Do ``given["action"]`` to ``micrographs``. Raises MicroDBError for no selection, action or sensible value."""
    action = given.get("action", "")
    if action not in ACTIONS:
        raise MicroDBError(_("Choose what to do with the micrographs: “%s” is no action.") % action)
    chosen = list(micrographs.select_related("material_class", "dataset"))
    if not chosen:
        raise MicroDBError(_("Choose at least one micrograph first; none was."))
    step = step_of(action, chosen)
    value = _value(action, given)
    count = change_many(micrographs=chosen, action=action, value=value, by=by)
    sentence = _SENTENCES[action](count) % {"count": count, "value": _shown(action, value)}
    if action == "trash":
        used = dependants_sentence(Micrograph.objects.filter(pk__in=[one.pk for one in chosen]))
        sentence = f"{sentence} {used}".strip()
    return Done(sentence, [step] if count else [])


def undo(*, dataset: Dataset, steps: list[Step], by: User) -> int:
    """Give micrographs their old values back; the number that changed."""
    count = undo_steps(dataset=dataset, steps=steps, by=by)
    if any(step["action"] == SIDECAR for step in steps):
        start_rereading.delay_on_commit()
    return count


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


def _shown(action: str, value: Any) -> str:
    if action == "scale":
        return _("no scale") if value[0] is None else f"{value[0]:g} px/µm"
    empty = {"label": _("unlabelled"), "split": str(Split.NEITHER.label)}
    return value or empty.get(action, _("nothing"))


def _set_sentence(count: int) -> str:
    return ngettext("%(count)d micrograph: %(value)s.", "%(count)d micrographs: %(value)s.", count)


_SENTENCES: dict[str, Callable[[int], str]] = dict.fromkeys(ACTIONS, _set_sentence) | {
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
