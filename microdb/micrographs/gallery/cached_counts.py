"""Numbers over a whole dataset, cached until something in it changes, so that no page counts 100,000 rows twice."""

import hashlib
import uuid
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from django.core.cache import cache
from django.db import transaction

from microdb.micrographs.models import Dataset

KEPT = 3600
"""Seconds; the numbers of a dataset that nobody opens expire."""

T = TypeVar("T")


def cached(dataset: Dataset, name: str, compute: Callable[[], T]) -> T:
    """The result of ``compute``, computed again after each ``touch``; ``name`` identifies it, filters included.

    Viewers from whom other micrographs are withheld have numbers of their own.
    """
    revision = cache.get_or_set(_key(dataset.pk), _new_revision, None)
    identity = "\n".join([name, *sorted(map(str, dataset.withheld))])
    digest = hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()
    found: Any = cache.get_or_set(f"{_key(dataset.pk)}-{revision}-{digest}", compute, KEPT)
    return cast(T, found)


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
