"""Micrographs that are withheld from some members for a time, although these see the dataset.

A room above registers a rule; the quizzes withhold the questions of an open quiz from everybody who may still take it.
Everything that shows micrographs, or rows about them, asks ``withheld_from``, mostly through ``Dataset.shown``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Rule:
    """``keys(user)`` are those of the few micrographs that ``user`` may not see, as one column."""

    keys: Callable[[object], QuerySet[Any, Any]]
    reason: "StrOrPromise"
    """A sentence for the person from whom a micrograph is withheld."""


_RULES: list[Rule] = []


def withhold(rule: Rule) -> None:
    """Register a rule, when the site starts."""
    if rule not in _RULES:
        _RULES.append(rule)


def withheld_from(user: object, path: str = "pk") -> Q:
    """The condition for rows whose micrograph is withheld from ``user``; from None, the site itself, none is.

    ``path`` leads from the row to the micrograph, for example ``micrograph`` for a score. The database finds the few
    withheld keys once and compares each row with them.
    """
    condition = Q(pk__in=[])
    for rule in _RULES if user is not None else []:
        condition |= Q(**{f"{path}__in": rule.keys(user)})
    return condition


def withheld_keys(user: object) -> set[UUID]:
    """Of the few micrographs that are withheld from ``user``. A list of a million rows is planned better with the keys
    than with the query for them.
    """
    rows = [row for rule in _RULES for row in rule.keys(user)] if user is not None else []
    return {pk for row in rows for pk in row.values()}


def reason_withheld() -> str:
    """Why micrographs are withheld, in a sentence."""
    return " ".join(str(rule.reason) for rule in _RULES)
