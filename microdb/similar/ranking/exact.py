"""Ranking in this process, for a database without pgvector.

A process keeps the descriptors of the versions that it was asked about last, as half-precision numbers, and reads only
what was written since.
"""

import io
from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from microdb.similar.models import Describing, Descriptor
from microdb.similar.ranking.wanted import Hit, Wanted

MOST_BYTES = 64 * 2**20
"""Of descriptors that a process keeps; the ones asked for last are kept whatever their size."""
ROWS_AT_ONCE = 8192
"""Rows that are turned into whole precision at once, to bound the memory."""
HEADER, TRAILER = 19, 2
"""Bytes of a binary COPY before its first row, and after its last."""


@dataclass(frozen=True)
class Matrix:
    """Descriptors of one version, a row each: keys (n,), vectors (n, d), scales (n,), and whether it learned from them.

    ``revision``: the last one that is in it.
    """

    revision: int
    keys: NDArray[np.int64]
    vectors: NDArray[np.float16]
    scales: NDArray[np.float64]
    trained_on: NDArray[np.bool_]

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in (self.keys, self.vectors, self.scales, self.trained_on))

    def joined(self, newer: "Matrix") -> "Matrix":
        """With newer rows, which replace older ones of the same key."""
        if not len(self.keys) or not len(newer.keys):
            return replace(newer if len(newer.keys) else self, revision=newer.revision)
        kept = ~np.isin(self.keys, newer.keys)
        names = ("keys", "vectors", "scales", "trained_on")
        return Matrix(
            newer.revision,
            *(np.concatenate((getattr(self, name)[kept], getattr(newer, name))) for name in names),
        )

    def nearest(self, wanted: Wanted, most: int) -> list[Hit]:
        chosen = np.ones(len(self.keys), np.bool_) if not wanted.trained_on else self.trained_on.copy()
        if wanted.scales:
            low, high = wanted.scales
            chosen &= (self.scales >= low) & (self.scales <= high)
        rows = np.flatnonzero(chosen)
        distances = self._distances(rows, wanted.vector)
        if len(rows) > most:
            nearest = np.argpartition(distances, most - 1)[:most]
            rows, distances = rows[nearest], distances[nearest]
        order = np.lexsort((self.keys[rows], distances))
        return [Hit(int(self.keys[rows[at]]), float(distances[at])) for at in order]

    def _distances(self, rows: NDArray[np.intp], vector: NDArray[np.float32]) -> NDArray[np.float32]:
        found = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            apart = self.vectors[rows[part]].astype(np.float32) - vector
            found[part] = np.sqrt(np.einsum("nd,nd->n", apart, apart))
        return found


_kept: "OrderedDict[int, Matrix]" = OrderedDict()
_lock = Lock()


def ranked_here(wanted: Wanted, most: int) -> list[Hit]:
    """The nearest of all wanted descriptors, which are read into this process first."""
    return _matrix(wanted.model_version, len(wanted.vector)).nearest(wanted, most)


def forget() -> None:
    """Give the memory back."""
    with _lock:
        _kept.clear()


def _matrix(version: int, width: int) -> Matrix:
    with _lock:
        revision = Describing.objects.filter(pk=version).values_list("revision", flat=True).first() or 0
        matrix = _kept.pop(version, None) or _empty(width)
        if matrix.revision != revision:
            matrix = matrix.joined(_read(version, width, after=matrix.revision, until=revision))
        _kept[version] = matrix
        while len(_kept) > 1 and sum(one.nbytes for one in _kept.values()) > MOST_BYTES:
            _kept.popitem(last=False)
        return matrix


def _empty(width: int) -> Matrix:
    return Matrix(0, np.zeros(0, np.int64), np.zeros((0, width), np.float16), np.zeros(0), np.zeros(0, np.bool_))


def _read(version: int, width: int, *, after: int, until: int) -> Matrix:
    """The descriptors of some revisions. In COPY's binary form all rows have one layout, which NumPy reads at once."""
    chosen = (
        f"SELECT id, vector, pixels_per_micrometre, trained_on FROM {Descriptor._meta.db_table} "  # nosec B608
        f"WHERE model_version_id = {int(version)} AND revision > {int(after)} AND revision <= {int(until)} "
        f"AND cardinality(vector) = {int(width)}"
    )  # whole numbers and the name of a table
    copied = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({chosen}) TO STDOUT (FORMAT binary)", copied)
    content = copied.getbuffer()[HEADER:-TRAILER]
    rows = np.frombuffer(content, _layout(width))
    return Matrix(
        until,
        rows["id"].astype(np.int64),
        rows["vector"]["value"].astype(np.float16),
        rows["scale"].astype(np.float64),
        rows["trained_on"].astype(np.bool_),
    )


def _layout(width: int) -> "np.dtype[Any]":
    """A row of a binary COPY: each value after its length, numbers with the highest byte first, an array after its
    header of five numbers."""
    element = np.dtype([("length", ">i4"), ("value", ">f4")])
    return np.dtype(
        [
            ("fields", ">i2"),
            ("id_length", ">i4"),
            ("id", ">i8"),
            ("vector_length", ">i4"),
            ("vector_header", ">i4", 5),
            ("vector", element, (width,)),
            ("scale_length", ">i4"),
            ("scale", ">f8"),
            ("trained_on_length", ">i4"),
            ("trained_on", "i1"),
        ]
    )
