"""Numbers over a whole dataset, cached until something in it changes, so that no page counts 100,000 rows twice."""

import hashlib
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from django.core.cache import cache
from django.db import transaction

from microdb.micrographs.models import Dataset

KEPT = 3600
"""Seconds; the numbers of a dataset that nobody opens expire."""
SLOW = 0.5
"""Seconds; numbers that take longer may lag behind a change."""
LAG = 20
"""Times the seconds that they took, so that at most a twentieth of the time goes into counting anew."""

T = TypeVar("T")


def cached(dataset: Dataset, name: str, compute: Callable[[], T]) -> T:
    """The result of ``compute``, computed again after each ``touch``; ``name`` identifies it, filters included.

    Viewers from whom other micrographs are withheld have numbers of their own.
    """
    found: Any = cache.get_or_set(f"{_identity(dataset, name)}-{_revision(dataset)}", compute, KEPT)
    return cast(T, found)


def cached_with_lag(dataset: Dataset, name: str, compute: Callable[[], T]) -> T:
    """As ``cached``, for an overview: a result that took longer than ``SLOW`` outlives changes for a while."""
    key, revision = _identity(dataset, name), _revision(dataset)
    kept: Any = cache.get(key)
    if kept is not None:
        result, of, took, at = kept
        if of == revision or (took > SLOW and 0 <= time.time() - at < LAG * took):
            return cast(T, result)
    started = time.time()
    fresh = compute()
    ended = time.time()
    cache.set(key, (fresh, revision, ended - started, ended), KEPT)
    return fresh


def _identity(dataset: Dataset, name: str) -> str:
    identity = "\n".join([name, *sorted(map(str, dataset.withheld))])
    return f"{_key(dataset.pk)}-{hashlib.sha256(identity.encode('utf-8', 'replace')).hexdigest()}"


def _revision(dataset: Dataset) -> str:
    return cast(str, cache.get_or_set(_key(dataset.pk), _new_revision, None))


def touch(dataset_ids: Iterable[int]) -> None:
    """Drop the numbers of datasets that change: at once for this transaction, and again when it is committed."""
    keys = [_key(pk) for pk in set(dataset_ids)]

    def drop() -> None:
        cache.set_many({key: _new_revision() for key in keys}, None)

    if keys:
        drop()
        transaction.on_commit(drop)


def _key(dataset_id: int) -> str:
    return f"dataset-{dataset_id}"


def _new_revision() -> str:
    return uuid.uuid4().hex
