"""What a batch that has ended got right, where its micrographs have labels, and its items in the order of errors."""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.utils.translation import gettext_lazy as _

from microdb.jobs import Job
from microdb.keyset import KeysetPage
from microdb.micrographs.gallery.cached_counts import cached
from microdb.micrographs.models import NONE_OF_THESE, Dataset, DatasetVersionEntry, Split
from microdb.scoring.models import Batch, BatchItem, BatchItemQuerySet
from microdb.statistics import Interval, clustered_interval

WRONG, WITHOUT, UNLABELLED, RIGHT = "wrong", "without", "unlabelled", "right"
STANDINGS = {
    WRONG: _("prediction differs from the label"),
    WITHOUT: _("without a verdict"),
    UNLABELLED: _("without a label"),
    RIGHT: _("as labelled"),
}
"""What an item may be, errors first."""
RANKS = {name: rank for rank, name in enumerate(STANDINGS)}
RANK = 1_000_000
"""A place in the order of errors is the position in the batch, and so many more for each rank of the standing."""


@dataclass(frozen=True)
class Share:
    """So many micrographs right of those counted; the interval takes those of one specimen for alike."""

    right: int
    count: int
    interval: Interval

    @property
    def share(self) -> float:
        return self.right / self.count


@dataclass(frozen=True)
class BatchReview:
    """The items by their standing, and the accuracy on labelled micrographs that the version was not trained on.

    ``accuracy`` is None without any of these, ``classes`` has the recall of each label. ``trained_on`` and
    ``known_specimens`` count labelled micrographs of the training, which are left out, and those counted whose specimen
    was in the training, which flatter the accuracy.
    """

    places: Sequence[int]
    accuracy: Share | None
    classes: dict[str, Share]
    trained_on: int
    known_specimens: int

    @property
    def counts(self) -> dict[str, int]:
        return {name: len(self.chosen(name)) for name in STANDINGS}

    def chosen(self, standing: str) -> Sequence[int]:
        """The places of the items of one standing, or all of them."""
        if standing not in RANKS:
            return self.places
        first = RANK * RANKS[standing]
        return self.places[bisect_left(self.places, first) : bisect_left(self.places, first + RANK)]


def review(batch: Batch, dataset: Dataset) -> BatchReview:
    """Computed once until something in the dataset or the batch changes: a second for 100,000 items."""
    name = f"batch {batch.pk} {batch.total} {batch.done} {batch.waiting}"  # type: ignore[attr-defined] # with_counts
    return cached(dataset, name, lambda: _review(batch, dataset))


def in_order(batch: Batch) -> Sequence[int]:
    """The places of the items of a batch that runs."""
    return range(batch.total)  # type: ignore[attr-defined] # with_counts


def page_of(
    places: Sequence[int], items: BatchItemQuerySet, query: Mapping[str, str], size: int
) -> KeysetPage[BatchItem]:
    """The items after ``?after=`` or before ``?before=``; a place in the order that need not be there any more."""
    start = 0
    if (after := _place(query.get("after", ""))) is not None:
        start = bisect_right(places, after)
    elif (before := _place(query.get("before", ""))) is not None:
        start = max(0, bisect_left(places, before) - size)
    start = min(start, max(0, len(places) - 1) // size * size)
    shown = places[start : start + size]
    wanted = [place % RANK for place in shown]
    found = {item.position: item for item in items.filter(position__in=wanted)}
    return KeysetPage(
        [found[position] for position in wanted if position in found],
        before=str(shown[0]) if start else "",
        after=str(shown[-1]) if start + size < len(places) else "",
    )


COLUMNS = (
    *("position", "micrograph", "score__state", "score__predicted"),
    *("micrograph__material_class__name", "micrograph__none_of_these", "micrograph__specimen"),
)


def _review(batch: Batch, dataset: Dataset) -> BatchReview:
    entries = DatasetVersionEntry.objects.filter(version=batch.model_version.dataset_version_id, split=Split.TRAIN)
    of_batch = entries.filter(micrograph__in=batch.items.values("micrograph"))
    trained_on = set(of_batch.values_list("micrograph", flat=True))
    known = entries.filter(specimen__in=batch.items.values("micrograph__specimen")).exclude(specimen="")
    specimens = set(known.values_list("specimen", flat=True).distinct())
    rows = batch.items.shown_to(dataset.viewer).order_by().values_list(*COLUMNS)
    places, answers, left_out = [], [], 0
    for position, micrograph, state, predicted, class_name, is_none, specimen in rows.iterator(chunk_size=5000):
        label = NONE_OF_THESE if is_none else class_name or ""
        standing = _standing(state, predicted, label)
        places.append(RANK * RANKS[standing] + position)
        if standing not in (WRONG, RIGHT):
            continue
        if micrograph in trained_on:
            left_out += 1
        else:
            answers.append((label, specimen or micrograph, standing == RIGHT))
    by_label: dict[str, list[tuple[str | UUID, bool]]] = defaultdict(list)
    for label, group, right in answers:
        by_label[label].append((group, right))
    return BatchReview(
        places=array("I", sorted(places)),
        accuracy=_share((group, right) for _label, group, right in answers),
        classes={label: share for label, found in sorted(by_label.items()) if (share := _share(found))},
        trained_on=left_out,
        known_specimens=sum(group in specimens for _label, group, _right in answers),
    )


def _standing(state: str | None, predicted: str | None, label: str) -> str:
    if state != Job.State.DONE:
        return WITHOUT
    if not label:
        return UNLABELLED
    return RIGHT if predicted == label else WRONG


def _share(answers: Iterable[tuple[str | UUID, bool]]) -> Share | None:
    """Of answers with the group of each."""
    right: Counter[str | UUID] = Counter()
    total: Counter[str | UUID] = Counter()
    for group, hit in answers:
        total[group] += 1
        right[group] += hit
    if not total:
        return None
    of_groups = np.array([right[group] for group in total], dtype=np.float64)
    interval = clustered_interval(of_groups, np.array(list(total.values()), dtype=np.float64))
    return Share(right.total(), total.total(), interval)


def _place(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
