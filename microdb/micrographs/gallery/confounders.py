"""Which circumstances of a picture alone predict its class: its detector, scale, date and so on.

A model can learn such a circumstance instead of the structure. For each one, a table from its values to classes is
tested on specimens that it was not made from (``microdb.statistics.leave_one_group_out``).
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.gallery.cached_counts import cached_with_lag
from microdb.micrographs.models import Dataset
from microdb.statistics import LookUp, leave_one_group_out

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_ROWS = 10_000
"""Micrographs looked at; of a larger dataset the first by their random keys, which is a random sample."""
FEWEST_ROWS, FEWEST_SPECIMENS = 30, 6
"""With fewer micrographs or specimens that have a value, nothing is concluded."""
MARGIN = 0.05
"""By how much the lower end of the interval must exceed the share of the commonest class."""
SHOWN_VALUES = 4
DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Circumstance:
    """A recorded value: its column, and what counts as the same value (None: not recorded)."""

    name: str
    column: str
    title: "StrOrPromise"
    value_of: Callable[[Any], Hashable | None]
    shown: Callable[[Any], str]
    advice: "StrOrPromise"


@dataclass(frozen=True)
class ValueShare:
    """One value, and its commonest class: ``count`` of its ``total`` micrographs."""

    value: str
    label: str
    count: int
    total: int


@dataclass(frozen=True)
class Tested:
    """A circumstance that enough micrographs record."""

    name: str
    look_up: LookUp
    commonest: str
    values: list[ValueShare]

    @property
    def circumstance(self) -> Circumstance:
        return _BY_NAME[self.name]

    @property
    def warns(self) -> bool:
        return self.look_up.interval.low > self.look_up.majority + MARGIN


@dataclass(frozen=True)
class Confounders:
    """What was tested, the best predictor first, and what was left out of the test."""

    tested: list[Tested]
    without_specimen: int
    one_specimen: list[str]
    """Classes with micrographs of a single specimen, from which nothing can be concluded."""
    sampled: bool

    @property
    def warnings(self) -> list[Tested]:
        return [one for one in self.tested if one.warns]


def confounders_of(dataset: Dataset) -> Confounders:
    """Of the dataset as it is now; one query; of a large dataset they may lag behind it."""
    return cached_with_lag(dataset, "confounders", lambda: _confounders(dataset))


@dataclass(frozen=True)
class _Row:
    label: str
    group: str
    values: dict[str, Any]


def _confounders(dataset: Dataset) -> Confounders:
    used = [one for one in CIRCUMSTANCES if one.name != "scale" or not dataset.scale_free]
    columns = ("pk", "material_class__name", "specimen", *(one.column for one in used))
    labelled = dataset.shown().ready().filter(material_class__isnull=False)
    found = list(labelled.order_by("pk").values_list(*columns)[: MOST_ROWS + 1])
    rows = [
        _Row(
            label, specimen or f"\0{pk}", {one.name: one.value_of(value) for one, value in zip(used, own, strict=True)}
        )
        for pk, label, specimen, *own in found[:MOST_ROWS]
    ]
    alone = _of_one_specimen(rows)
    rows = [row for row in rows if row.label not in alone]
    tested = [one for circumstance in used if (one := _tested(circumstance, rows))]
    return Confounders(
        sorted(tested, key=lambda one: one.look_up.majority - one.look_up.accuracy),
        sum(row.group.startswith("\0") for row in rows),
        alone,
        len(found) > MOST_ROWS,
    )


def _of_one_specimen(rows: Iterable[_Row]) -> list[str]:
    specimens: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        specimens[row.label].add(row.group)
    return sorted(label for label, names in specimens.items() if len(names) == 1)


def _tested(circumstance: Circumstance, rows: Iterable[_Row]) -> Tested | None:
    """None where too few micrographs have a value, or all have the same value or class."""
    having = [(row.values[circumstance.name], row) for row in rows if row.values[circumstance.name] is not None]
    values = [value for value, _row in having]
    labels, groups = [row.label for _value, row in having], [row.group for _value, row in having]
    if len(having) < FEWEST_ROWS or len(set(groups)) < FEWEST_SPECIMENS or min(len(set(values)), len(set(labels))) < 2:
        return None
    look_up = leave_one_group_out(_numbered(values), _numbered(labels), _numbered(groups))
    commonest = Counter(sorted(labels)).most_common(1)[0][0]
    return Tested(circumstance.name, look_up, commonest, _shares(circumstance, values, labels))


def _numbered(items: Sequence[Hashable]) -> np.ndarray:
    number: dict[Hashable, int] = {}
    return np.array([number.setdefault(item, len(number)) for item in items], dtype=np.int64)


def _shares(circumstance: Circumstance, values: Sequence[Hashable], labels: Sequence[str]) -> list[ValueShare]:
    """The commonest values with their commonest class."""
    by_value: dict[Hashable, Counter[str]] = defaultdict(Counter)
    for value, label in zip(values, labels, strict=True):
        by_value[value][label] += 1
    first = sorted(by_value.items(), key=lambda item: (-item[1].total(), str(item[0])))[:SHOWN_VALUES]
    return [ValueShare(circumstance.shown(value), *labels.most_common(1)[0], labels.total()) for value, labels in first]


def _text(value: str | None) -> str | None:
    return value or None


def _day(value: str | None) -> str | None:
    """Only a certain date: other texts may hold a time of day, which is no two pictures' own."""
    found = DAY.match(value or "")
    return found[0] if found else None


def _octaves(parts: int) -> Callable[[float | None], int | None]:
    """Numbers within a ``parts``-th of a doubling count as the same value."""
    return lambda value: round(parts * math.log2(value)) if value else None


def _about(parts: int, unit: str = "") -> Callable[[int], str]:
    return lambda step: f"≈ {float(f'{2 ** (step / parts):.2g}'):g} {unit}".rstrip()


_MIX = _("Photograph every class with each of them.")
_SAME = _("Photograph every class at the same values.")
CIRCUMSTANCES = (
    Circumstance("detector", "acquisition__detector", _("Detector"), _text, str, _MIX),
    Circumstance("instrument", "acquisition__instrument", _("Instrument"), _text, str, _MIX),
    Circumstance("kilovolts", "acquisition__kilovolts", _("Voltage"), _octaves(4), _about(4, "kV"), _SAME),
    Circumstance("magnification", "acquisition__magnification", _("Magnification"), _octaves(2), _about(2), _SAME),
    Circumstance(
        "scale",
        "pixels_per_micrometre",
        _("Scale"),
        _octaves(2),
        _about(2, "px/µm"),
        _("Photograph every class at the same scales, and compare a model’s accuracy with its scale-only control."),
    ),
    Circumstance(
        "date",
        "acquisition__date",
        _("Date"),
        _day,
        str,
        _("Photograph every class on several days, and put whole days into the quiz that are not trained on."),
    ),
)
_BY_NAME = {one.name: one for one in CIRCUMSTANCES}
