"""The quality report of a dataset: its classes by scale, and what is missing, doubtful or leaking, each with a filter.

The database counts every combination of values that matters (``MicrographCount``); all numbers are sums over these.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from microdb.micrographs.gallery.filter import NEITHER, NO_SPECIMEN, UNLABELLED
from microdb.micrographs.gallery.warnings import (
    LEAK,
    NEAR_DUPLICATE,
    ODD_SCALE,
    OTHER_THAN_BAR,
    SCALE_TO_CONFIRM,
    count_warned,
)
from microdb.micrographs.models import (
    BINS_PER_DECADE,
    NONE_OF_THESE,
    UNSURE,
    Cell,
    Dataset,
    MaterialClass,
    Micrograph,
    Split,
    counted,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SMALL_CLASS = 15
"""Train micrographs; the paper's classes have about 27, and fewer than this make a shaky Gaussian."""
SHADES = 4


@dataclass(frozen=True)
class Finding:
    """One problem: how many micrographs have it, and the query of the gallery that shows them."""

    sentence: str
    count: int
    query: str


@dataclass(frozen=True)
class Bin:
    """A range of scales, in pixels per micrometre."""

    low: float
    high: float


@dataclass(frozen=True)
class Covered:
    """How many micrographs of a class lie in a bin; ``shade`` from 0 (none) to 4 (the most of all)."""

    count: int
    shade: int
    query: str


@dataclass(frozen=True)
class ClassRow:
    """A label with its numbers; ``material_class`` is None for none of these."""

    name: str
    material_class: MaterialClass | None
    train: int
    quiz: int
    neither: int
    unscaled: int
    covered: list[Covered]


@dataclass(frozen=True)
class QualityReport:
    """What the page shows."""

    total: int
    bins: list[Bin]
    rows: list[ClassRow]
    findings: list[Finding]


def quality_report_of(dataset: Dataset) -> QualityReport:
    """The report on the dataset as it is now."""
    classes = list(dataset.material_classes.order_by("position"))
    cells = _cells(dataset)
    numbers = sorted({cell["scale_bin"] for cell in cells if cell["scale_bin"] is not None and _labelled(cell)})
    bins = [int(number) for number in range(int(numbers[0]), int(numbers[-1]) + 1)] if numbers else []
    most = max(_by_class_and_bin(cells).values(), default=0)
    rows = [_row(cells, one.name, one, bins, most) for one in classes]
    if any(cell["none_of_these"] for cell in cells):
        rows.append(_row(cells, NONE_OF_THESE, None, bins, most))
    total = sum(cell["total"] for cell in cells)
    shown = [Bin(_edge(number), _edge(number + 1)) for number in bins]
    return QualityReport(total, shown, rows, _findings(dataset, cells, rows))


def _cells(dataset: Dataset) -> list[Cell]:
    return counted(
        dataset, "material_class", "none_of_these", "unsure", "split", "flaw", "state", "scale_bin", "no_specimen"
    )


def _labelled(cell: Cell) -> bool:
    return bool(cell["material_class"] or cell["none_of_these"])


def _by_class_and_bin(cells: Iterable[Cell]) -> Counter[tuple[Any, Any]]:
    counts: Counter[tuple[Any, Any]] = Counter()
    for cell in cells:
        if _labelled(cell) and cell["scale_bin"] is not None:
            counts[cell["material_class"], cell["scale_bin"]] += cell["total"]
    return counts


def _row(cells: list[Cell], name: str, of: MaterialClass | None, bins: list[int], most: int) -> ClassRow:
    own = [cell for cell in cells if (cell["material_class"] == of.pk if of else cell["none_of_these"])]
    by_split, by_bin = _summed(own, "split"), _summed(own, "scale_bin")
    covered = []
    for number in bins:
        there = by_bin[number]
        query = urlencode({"label": name, "scale_min": f"{_edge(number):.4g}", "scale_max": f"{_edge(number + 1):.4g}"})
        covered.append(Covered(there, -(-SHADES * there // most) if most else 0, query))
    return ClassRow(
        name=name,
        material_class=of,
        train=by_split[Split.TRAIN],
        quiz=by_split[Split.QUIZ],
        neither=by_split[Split.NEITHER],
        unscaled=by_bin[None],
        covered=covered,
    )


def _summed(cells: Iterable[Cell], name: str) -> Counter[Any]:
    counts: Counter[Any] = Counter()
    for cell in cells:
        counts[cell[name]] += cell["total"]
    return counts


def _edge(number: int) -> float:
    return float(10 ** (number / BINS_PER_DECADE))


def _findings(dataset: Dataset, cells: list[Cell], rows: list[ClassRow]) -> list[Finding]:
    """The worst first; only what there is."""
    small = [row for row in rows if row.material_class and row.train < SMALL_CLASS]
    few = _("to train on in class “%(name)s”; fewer than %(few)d are few")
    few_of_classes = [
        Finding(
            few % {"name": row.name, "few": SMALL_CLASS},
            row.train,
            urlencode({"label": row.name, "split": Split.TRAIN}),
        )
        for row in small
    ]
    leak = _("leak between train and quiz: one specimen or near-duplicates on both sides")
    doubtful = [
        _warned(dataset, _("have another scale than their micron bar and the length written at it"), OTHER_THAN_BAR),
        _warned(dataset, _("have a scale far from the rest of the dataset"), ODD_SCALE),
        _warned(dataset, _("have a near-duplicate: the same pixels, or nearly the same picture"), NEAR_DUPLICATE),
        *(Finding(str(sentence), _count(cells, true), query) for sentence, true, query in _COUNTED),
    ]
    missing = Finding(
        _("have no scale, so they are neither trained on nor scored"),
        0 if dataset.scale_free else _summed(cells, "scale_bin")[None],
        "missing_scale=1",
    )
    confirmable = _("have no scale but a micron bar that gives one: confirm it")
    proposed = [] if dataset.scale_free else [_warned(dataset, confirmable, SCALE_TO_CONFIRM)]
    others = [one for one in (missing, *proposed, *doubtful) if one.count]
    leaking = _warned(dataset, leak, LEAK)
    return [*([leaking] if leaking.count else []), *few_of_classes, *others]


def _warned(dataset: Dataset, sentence: str, warning: str) -> Finding:
    return Finding(sentence, count_warned(dataset, warning), urlencode({"warning": warning}))


def _count(cells: Iterable[Cell], true: Callable[[Cell], bool]) -> int:
    return sum(cell["total"] for cell in cells if true(cell))


_COUNTED: "list[tuple[StrOrPromise, Callable[[Cell], bool], str]]" = [
    (_lazy("are blank: hardly any contrast"), lambda cell: cell["flaw"] == "blank", "warning=blank"),
    (
        _lazy("are saturated: a quarter is pure black or white"),
        lambda cell: cell["flaw"] == "saturated",
        "warning=saturated",
    ),
    (_lazy("could not be read"), lambda cell: cell["state"] == Micrograph.State.REFUSED, "state=refused"),
    (_lazy("are still being read"), lambda cell: cell["state"] == Micrograph.State.READING, "state=reading"),
    (
        _lazy("have no label yet"),
        lambda cell: not _labelled(cell) and not cell["unsure"],
        urlencode({"label": UNLABELLED}),
    ),
    (_lazy("were marked as unsure"), lambda cell: cell["unsure"], urlencode({"label": UNSURE})),
    (
        _lazy("are in no split, so they are used neither for training nor for quizzes"),
        lambda cell: not cell["split"],
        urlencode({"split": NEITHER}),
    ),
    (
        _lazy("name no specimen, so that a leak can't be told"),
        lambda cell: cell["no_specimen"],
        urlencode({"specimen": NO_SPECIMEN}),
    ),
]
"""What is summed over the table of combinations: the sentence, the condition, the gallery's address part."""
