"""Two versions on the micrographs that both held out: how accurate each is, which answers flipped, what differs."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Value, When
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.models import Split
from microdb.statistics import Interval, PairedDifference, mcnemar_p, paired_difference, wilson_interval
from microdb.training.models import ModelVersion, OutOfFold

GAINED, LOST, OTHER = "gained", "lost", "other"
FLIPS = {GAINED: _("became right"), LOST: _("became wrong"), OTHER: _("wrong in another way")}
FOLDING = ("recipe", "pretrained.folds")
"""Settings that decide the folds, with the seed and the micrographs."""


@dataclass(frozen=True)
class Share:
    right: int
    count: int
    interval: Interval

    @property
    def share(self) -> float:
        return self.right / self.count


@dataclass(frozen=True)
class VersionComparison:
    """The paired table: micrographs that both, only one or neither recognised; the rest is None if there are none.

    ``difference`` takes micrographs of one specimen for alike; ``mcnemar`` takes each for independent. ``other_folds``
    says that the folds of the two differ, so that chance in drawing them is part of the difference.
    """

    count: int
    both: int
    only_before: int
    only_after: int
    neither: int
    before: Share | None
    after: Share | None
    difference: PairedDifference | None
    mcnemar: float | None
    other_folds: bool
    settings: list[tuple[str, Any, Any]]
    flips: dict[str, int]


def compare_model_versions(before: ModelVersion, after: ModelVersion) -> VersionComparison:
    """On the micrographs that both held out under the same label."""
    columns = ("label", "predicted_before", "predicted", "micrograph__specimen")
    rows = list(_shared(before, after).values_list(*columns))
    first = np.array([label == one for label, one, _other, _specimen in rows], dtype=bool)
    second = np.array([label == other for label, _one, other, _specimen in rows], dtype=bool)
    table = Counter(zip(first.tolist(), second.tolist(), strict=True))
    flips = Counter(_flip(label, one, other) for label, one, other, _specimen in rows)
    return VersionComparison(
        count=len(rows),
        both=table[True, True],
        only_before=table[True, False],
        only_after=table[False, True],
        neither=table[False, False],
        before=_share(first),
        after=_share(second),
        difference=paired_difference(first, second, _groups([row[3] for row in rows])) if rows else None,
        mcnemar=mcnemar_p(first.astype(float), second.astype(float)) if rows else None,
        other_folds=_folds_differ(before, after),
        settings=_settings(before, after),
        flips={name: flips[name] for name in FLIPS},
    )


def flipped(before: ModelVersion, after: ModelVersion, kind: str = "") -> QuerySet[OutOfFold]:
    """The later answers that differ from the earlier ones, each with ``predicted_before`` and ``flip``."""
    rows = _shared(before, after).exclude(predicted=F("predicted_before"))
    right, was_right = (
        When(predicted=F("label"), then=Value(GAINED)),
        When(predicted_before=F("label"), then=Value(LOST)),
    )
    rows = rows.annotate(flip=Case(right, was_right, default=Value(OTHER), output_field=CharField()))
    chosen = rows.filter(flip=kind) if kind in FLIPS else rows
    return chosen.select_related("micrograph__material_class").order_by("flip", "-probability", "pk")


def _shared(before: ModelVersion, after: ModelVersion) -> QuerySet[OutOfFold]:
    same = before.out_of_fold.filter(micrograph=OuterRef("micrograph"), label=OuterRef("label"))
    answers = after.out_of_fold.exclude(micrograph__in=after.dataset.withheld)
    return answers.annotate(predicted_before=Subquery(same.values("predicted"))).filter(predicted_before__isnull=False)


def _flip(label: str, before: str, after: str) -> str:
    if before == after:
        return ""
    return GAINED if after == label else LOST if before == label else OTHER


def _share(right: np.ndarray[Any, np.dtype[np.bool_]]) -> Share | None:
    if not len(right):
        return None
    hits = int(right.sum())
    return Share(hits, len(right), wilson_interval(hits, len(right)))


def _groups(specimens: list[str]) -> np.ndarray[Any, np.dtype[np.int_]]:
    """A number for each specimen; a micrograph without one is alone."""
    numbers: dict[object, int] = {}
    keys: list[object] = [specimen or index for index, specimen in enumerate(specimens)]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=int)


def _folds_differ(before: ModelVersion, after: ModelVersion) -> bool:
    """Folds follow from the micrographs with their labels and specimens, the seed and a few settings."""
    old, new = _flat(before.config), _flat(after.config)
    same_settings = before.seed == after.seed and all(old.get(name) == new.get(name) for name in FOLDING)
    return not same_settings or _trained_on(before) != _trained_on(after)


def _trained_on(version: ModelVersion) -> set[tuple[Any, ...]]:
    entries = version.dataset_version.entries.filter(split=Split.TRAIN)
    return set(entries.values_list("micrograph", "label", "specimen"))


def _settings(before: ModelVersion, after: ModelVersion) -> list[tuple[str, Any, Any]]:
    """Name, value before and value after of each setting that differs."""
    old, new = _flat(before.config), _flat(after.config)
    return [(name, old.get(name), new.get(name)) for name in sorted(old | new) if old.get(name) != new.get(name)]


def _flat(config: dict[str, Any], section: str = "") -> dict[str, Any]:
    """The settings by their names, which begin with their section."""
    flat: dict[str, Any] = {}
    for name, value in config.items():
        flat |= _flat(value, f"{name}.") if isinstance(value, dict) else {section + name: value}
    return flat
