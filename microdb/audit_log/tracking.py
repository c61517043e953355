"""Models of which every added, changed and deleted row is recorded, wherever it is saved: pages, API, admin, commands.

django-auditlog notices the changes by Django's signals. Those are not sent by ``QuerySet.update`` and ``bulk_create``;
a service that uses them records by itself.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from auditlog.registry import auditlog
from django.core.exceptions import ObjectDoesNotExist
from django.db import models

from microdb.audit_log.models import Entry, row_noticed
from microdb.audit_log.recording import Changes, record
from microdb.audit_log.verbs import Verb

MASKED = "…"
"""What is kept of the values of a secret field."""


@dataclass(frozen=True)
class _Tracked:
    added: Verb | None
    changed: Verb | Callable[[Changes], Verb] | None
    deleted: Verb | None
    name: Callable[[Any], str]
    dataset: Callable[[Any], Any]


_tracked: dict[type[models.Model], _Tracked] = {}


def track(
    model: type[models.Model],
    *,
    fields: Iterable[str],
    added: Verb | None = None,
    changed: Verb | Callable[[Changes], Verb] | None = None,
    deleted: Verb | None = None,
    name: Callable[[Any], str] = str,
    dataset: Callable[[Any], Any] = lambda row: None,
    secret: Iterable[str] = (),
    many_to_many: Iterable[str] = (),
) -> None:
    """Record rows of ``model``; call it when the app is ready. A verb that is left out is not recorded.

    ``fields`` are those whose values are kept before and after. Of ``secret`` ones only the fact of a change is kept.
    """
    _tracked[model] = _Tracked(added, changed, deleted, name, dataset)
    hidden = list(secret)
    auditlog.register(
        model,
        include_fields=[*fields, *hidden],
        mask_fields=hidden,
        mask_callable=f"{__name__}.masked",
        m2m_fields=set(many_to_many),
    )


def masked(_value: str) -> str:
    return MASKED


def follow_rows() -> None:
    """Record what django-auditlog notices."""
    row_noticed.connect(_noticed, dispatch_uid="audit")


def _noticed(row: models.Model, action: int, changes: Changes, **_: Any) -> None:
    tracked = _tracked[type(row)]
    verb = {
        Entry.Action.CREATE: tracked.added,
        Entry.Action.UPDATE: tracked.changed,
        Entry.Action.DELETE: tracked.deleted,
    }[action]
    if callable(verb):
        verb = verb(changes)
    if verb is None:
        return
    try:
        name, dataset = tracked.name(row), tracked.dataset(row)
    except ObjectDoesNotExist:
        name, dataset = f"{row._meta.verbose_name} {row.pk}", None  # deleted together with what it belongs to
    record(verb, dataset=dataset, about=row, name=name, changes=changes)
