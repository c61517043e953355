"""Recording what was done, in the transaction that does it. One line is enough: ``record(Verb.X, about=row)``."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from microdb.audit_log.models import Entry
from microdb.audit_log.origin import current_origin
from microdb.audit_log.verbs import Verb

MOST_KEYS = 20
"""Of the rows of a bulk action; how many they were is kept too."""
MOST_CHARACTERS = 200
"""Of a text before and after a change."""

Changes = Mapping[str, Any]
"""The value before and the value after, by field."""


@dataclass
class _Draft:
    """What will become an entry."""

    verb: Verb
    dataset_id: int | None
    dataset_name: str
    about: tuple[type[models.Model], Any] | None
    name: str
    changes: dict[str, Any]
    keys: list[str]
    fields: list[str]
    number: int | None
    details: dict[str, Any]


_gathered: ContextVar[list[_Draft] | None] = ContextVar("gathered", default=None)


def record(
    verb: Verb,
    *,
    dataset: Any = None,
    about: models.Model | None = None,
    name: str = "",
    changes: Changes | None = None,
    keys: Iterable[object] = (),
    fields: Iterable[str] = (),
    number: int | None = None,
    **details: Any,
) -> None:
    """Add an entry. Call it in the transaction of the change, so that there is neither without the other.

    Who acts and from where is known already. ``about`` is the row that was changed, ``name`` what people call it (its
    ``str`` if left out), ``changes`` the values before and after. For a bulk action give ``keys`` of the rows, or their
    ``number``. ``details`` are further short values. Never pass secrets, answers or truths.
    """
    found = dataset if dataset is not None else getattr(about, "dataset", None)
    draft = _Draft(
        verb=verb,
        dataset_id=getattr(found, "pk", None),
        dataset_name=str(getattr(found, "name", "")),
        about=_key(about),
        name=name or (str(about) if about is not None else ""),
        changes=dict(changes or {}),
        keys=[str(key) for key in keys],
        fields=list(fields),
        number=number,
        details=details,
    )
    gathered = _gathered.get()
    if gathered is None:
        _write(draft)
    else:
        gathered.append(draft)


@contextmanager
def together(verb: Verb | None = None, *, about: models.Model | None = None) -> Iterator[None]:
    """Join what is recorded inside into one entry per dataset; without anything inside, nothing is written.

    All of it is one transaction. Without a ``verb`` the entry has the first one inside. Inside another ``together`` the
    entries join that one's.
    """
    outer = _gathered.get()
    if outer is not None:
        with _undone_with_the_transaction(outer):
            yield
        return
    drafts: list[_Draft] = []
    subject = (_key(about), str(about)) if about is not None else None  # its key is gone once it is deleted
    with transaction.atomic():
        before = _gathered.set(drafts)
        try:
            yield
        finally:
            _gathered.reset(before)
        for of_dataset in _by_dataset(drafts):
            _write(_joined(verb, of_dataset, subject))


@contextmanager
def _undone_with_the_transaction(drafts: list[_Draft]) -> Iterator[None]:
    """Forget what was recorded inside if it fails: the caller may go on with the rest."""
    start = len(drafts)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        del drafts[start:]
        raise


def _by_dataset(drafts: Iterable[_Draft]) -> list[list[_Draft]]:
    groups: dict[int | None, list[_Draft]] = {}
    for draft in drafts:
        groups.setdefault(draft.dataset_id, []).append(draft)
    return list(groups.values())


def _joined(verb: Verb | None, drafts: list[_Draft], subject: tuple[Any, str] | None) -> _Draft:
    """Keys, fields and changes of all; the object and its name, if all are about one."""
    first = drafts[0]
    keys = list(dict.fromkeys(key for draft in drafts for key in draft.keys))
    if subject is None and len({(draft.about, draft.name) for draft in drafts}) == 1:
        subject = first.about, first.name
    about, name = subject or (None, "")
    counted = [draft.number for draft in drafts if draft.number is not None]
    return _Draft(
        verb=verb or first.verb,
        dataset_id=first.dataset_id,
        dataset_name=first.dataset_name,
        about=about,
        name=name,
        changes={field: pair for draft in drafts for field, pair in draft.changes.items() if draft.about == about},
        keys=keys,
        fields=list(dict.fromkeys(field for draft in drafts for field in draft.fields)),
        number=None if keys else (sum(counted) or None),
        details={field: value for draft in drafts for field, value in draft.details.items()},
    )


def _key(about: models.Model | None) -> tuple[type[models.Model], Any] | None:
    return None if about is None else (about._meta.model, about.pk)  # not its type: a request's user is lazy


_ACTIONS = {
    "added": Entry.Action.CREATE,
    "created": Entry.Action.CREATE,
    "deleted": Entry.Action.DELETE,
    "removed": Entry.Action.DELETE,
}
"""The library's four actions; all others are updates, or downloads."""


def _write(draft: _Draft) -> None:
    kind, _dot, done = draft.verb.value.partition(".")
    model, key = draft.about or (None, draft.keys[0] if len(draft.keys) == 1 else "")
    number = draft.number if draft.number is not None else (len(set(draft.keys)) or 1)
    details = draft.details | {"fields": draft.fields, "keys": draft.keys[:MOST_KEYS]}
    Entry.objects.create(
        verb=draft.verb,
        action=Entry.Action.ACCESS if kind == "download" else _ACTIONS.get(done, Entry.Action.UPDATE),
        content_type=ContentType.objects.get_for_model(model) if model else None,
        object_pk=str(key),
        object_repr=draft.name[:MOST_CHARACTERS],
        changes={name: [_short(value) for value in pair] for name, pair in draft.changes.items()},
        additional_data={name: _short(value) for name, value in details.items() if value not in ("", [], None)},
        dataset_id=draft.dataset_id,
        dataset_name=draft.dataset_name[:100],
        number=number,
        **asdict(current_origin()),
    )


def _short(value: Any) -> Any:
    """The value as JSON has it, with a long text shortened."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_short(one) for one in list(value)[:MOST_KEYS]]
    text = str(value)
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
