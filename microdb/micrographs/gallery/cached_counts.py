"""Numbers over a whole dataset, kept until something in it changes: no page counts 100,000 rows twice."""

import hashlib
import uuid
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from django.core.cache import cache
from django.db import transaction

KEPT = 3600
"""Seconds; numbers of a dataset that nobody opens any more go by themselves."""

T = TypeVar("T")


def remembered(dataset_id: int, name: str, compute: Callable[[], T]) -> T:
    """What ``compute`` gives, computed anew after each ``touch``; ``name`` says what it is, filters included."""
    revision = cache.get_or_set(_key(dataset_id), _new_revision, None)
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
    found: Any = cache.get_or_set(f"{_key(dataset_id)}-{revision}-{digest}", compute, KEPT)
    return cast(T, found)


def touch(dataset_ids: Iterable[int]) -> None:
    """Something in these datasets changes. Forgotten at once for this transaction, and again when others can see it."""
    keys = [_key(pk) for pk in set(dataset_ids)]

    def forget() -> None:
        cache.set_many({key: _new_revision() for key in keys}, None)

    if keys:
        forget()
        transaction.on_commit(forget)


def _key(dataset_id: int) -> str:
    return f"dataset-{dataset_id}"


def _new_revision() -> str:
    return uuid.uuid4().hex
