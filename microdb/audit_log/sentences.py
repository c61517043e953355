"""The sentence of an entry, made from its columns in the reader's language."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from microdb.audit_log.models import ActorKind, Entry
from microdb.audit_log.tracking import MASKED
from microdb.audit_log.verbs import Verb

_FIELDS = {
    "analysis_plan": gettext_lazy("analysis plan"),
    "asks_confidence": gettext_lazy("question for confidence"),
    "by_invitation": gettext_lazy("by invitation only"),
    "citation": gettext_lazy("citation"),
    "closes_at": gettext_lazy("closing time"),
    "consent_text": gettext_lazy("consent text"),
    "data_bar": gettext_lazy("data bar"),
    "description": gettext_lazy("description"),
    "doi": gettext_lazy("DOI"),
    "email": gettext_lazy("e-mail address"),
    "expertise": gettext_lazy("expertise"),
    "first_name": gettext_lazy("first name"),
    "groups": gettext_lazy("groups"),
    "instructions": gettext_lazy("instructions"),
    "is_active": gettext_lazy("may sign in"),
    "is_staff": gettext_lazy("staff"),
    "is_superuser": gettext_lazy("superuser"),
    "label": gettext_lazy("label"),
    "last_name": gettext_lazy("last name"),
    "licence": gettext_lazy("licence"),
    "masked": gettext_lazy("masked rectangles"),
    "modality": gettext_lazy("modality"),
    "name": gettext_lazy("name"),
    "opens_at": gettext_lazy("opening time"),
    "password": gettext_lazy("password"),
    "permissions": gettext_lazy("permissions"),
    "position": gettext_lazy("position"),
    "pixels_per_micrometre": gettext_lazy("scale"),
    "scale_free": gettext_lazy("scale-free"),
    "scopes": gettext_lazy("scopes"),
    "source": gettext_lazy("source"),
    "specimen": gettext_lazy("specimen"),
    "split": gettext_lazy("split"),
    "title": gettext_lazy("title"),
    "user_permissions": gettext_lazy("permissions"),
    "username": gettext_lazy("user name"),
    "years_of_experience": gettext_lazy("years of experience"),
}
"""Fields that people change often; the name of any other is shown with spaces."""


def sentence(entry: Entry, *, number: int | None = None) -> str:
    """What was done. ``number`` replaces the entry's own, if it stands for several entries."""
    try:
        template = str(Verb(entry.verb).label)
    except ValueError:  # a verb of another release
        template = "%(actor)s: " + entry.verb.replace("%", "%%") + " %(object)s"
    return template % _Words(_words(entry, entry.number if number is None else number))


class _Words(dict[str, str]):
    """What is not known is left out."""

    def __missing__(self, key: str) -> str:
        return "—"


def _words(entry: Entry, number: int) -> dict[str, str]:
    changes, details = entry.changes or {}, entry.additional_data or {}
    pairs = list(changes.values())
    old, new = (_text(value) for value in pairs[0]) if len(pairs) == 1 else (_("—"), _("—"))
    name = entry.object_repr if number == 1 else ""
    return {
        **{key: _text(value) for key, value in details.items()},
        "actor": actor_text(entry),
        "object": entry.object_repr or _("somebody"),
        "old": old,
        "new": new,
        "changes": changes_text(changes) or _("its contents"),
        "fields": _listed(_field(one) for one in details.get("fields", [])),
        "number": str(number),
        "micrographs": name or ngettext("%d micrograph", "%d micrographs", number) % number,
    }


def actor_text(entry: Entry) -> str:
    """Who it was, with the token that was used."""
    if entry.actor_kind == ActorKind.PERSON and entry.token:
        return _("%(name)s (token %(token)s…)") % {"name": entry.actor_name, "token": entry.token}
    if entry.actor_kind == ActorKind.PERSON:
        return entry.actor_name
    if entry.actor_kind == ActorKind.COMMAND:
        return _("The command %s") % entry.actor_name
    if entry.actor_kind == ActorKind.WORKER:
        return _("A worker")
    return _("Somebody who was not signed in")


def changes_text(changes: dict[str, Any]) -> str:
    """Each field with its value before and after; of a secret field its name alone."""
    texts = []
    for field, (old, new) in changes.items():
        if MASKED in (old, new):
            texts.append(_field(field))
        else:
            about = {"field": _field(field), "old": _text(old), "new": _text(new)}
            texts.append(_("%(field)s from %(old)s to %(new)s") % about)
    return _listed(texts)


def _field(name: str) -> str:
    return str(_FIELDS.get(name) or name.replace("_", " "))


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(texts)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _listed(_text(one) for one in value) or _("nothing")
    return _("nothing") if value in (None, "") else str(value)
