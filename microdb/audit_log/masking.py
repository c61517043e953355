"""Entries that name what is withheld from whoever reads the log: they lose the names while it is.

A room above registers a rule. The micrographs withhold the questions of an open quiz from those who may still take it;
their file names and specimens would tell the answers.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from microdb.audit_log.models import Entry

HIDDEN = _("something that an open quiz hides")
_KEPT = ("fields", "format")
"""Details that name nothing."""


@dataclass(frozen=True)
class Withheld:
    """Keys and names of what is withheld in one dataset."""

    keys: frozenset[str]
    names: frozenset[str]


Rule = Callable[[object], Mapping[int, Withheld]]
"""``rule(reader)``: what is withheld from this person, by the key of the dataset."""

_RULES: list[Rule] = []


def mask_by(rule: Rule) -> None:
    """Register a rule, when the site starts."""
    if rule not in _RULES:
        _RULES.append(rule)


@dataclass
class Mask:
    """``mask(entry)``: the entry as ``reader`` may see it. The rules are asked once, however many entries there are."""

    reader: object

    def __call__(self, entry: Entry) -> Entry:
        if not any(_names(entry, one) for one in self._withheld.get(entry.dataset_id, ())):
            return entry
        masked = copy.copy(entry)
        masked.object_pk, masked.object_repr, masked.changes = "", str(HIDDEN), {}
        details = entry.additional_data or {}
        masked.additional_data = {name: details[name] for name in _KEPT if name in details} | {"names": [str(HIDDEN)]}
        return masked

    @cached_property
    def _withheld(self) -> dict[int | None, list[Withheld]]:
        found: dict[int | None, list[Withheld]] = {}
        for rule in _RULES:
            for dataset, withheld in rule(self.reader).items():
                found.setdefault(dataset, []).append(withheld)
        return found


def _names(entry: Entry, withheld: Withheld) -> bool:
    texts = {entry.object_pk, *_texts(entry.changes), *_texts(entry.additional_data), *_halves(entry.object_repr)}
    return not (texts.isdisjoint(withheld.keys) and texts.isdisjoint(withheld.names))


def _halves(text: str) -> Iterator[str]:
    """The text, and what may be the two names of a pair in it."""
    yield text
    parts = text.split(", ")
    for number in range(1, len(parts)):
        yield ", ".join(parts[:number])
        yield ", ".join(parts[number:])


def _texts(value: Any) -> Iterator[str]:
    """All texts in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
