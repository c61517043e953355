"""A trained version's metrics, arranged for its page."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from microdb.training.held_out import NEAREST, RIGHT, HeldOutFilter
from microdb.training.models import ModelVersion
from microdb.training.none_of_these import tested_kinds
from microdb.training.operating_point import OperatingPoint, Rate, found_left_out, operating_point, rejected_known
from microdb.training.reliability import ReliabilityPoint, reliability_points

RIGHT_ONES = HeldOutFilter(outcome=RIGHT).query


@dataclass(frozen=True)
class Measure:
    """A share between 0 and 1 with what it is; ``low`` and ``high`` bound it with 95 % confidence where known.

    ``query`` chooses the micrographs behind it on the page of held-out ones; None where that is not possible.
    """

    name: str
    share: float | None
    low: float | None = None
    high: float | None = None
    remark: str = ""
    query: str | None = None


@dataclass(frozen=True)
class Cell:
    """How many micrographs of one label got one prediction; ``query`` chooses them on the page of held-out ones."""

    count: int
    right: bool
    query: str


@dataclass(frozen=True)
class Row:
    """One true label: how its held-out micrographs were named, in the order of the outcomes."""

    label: str
    position: int | None
    cells: list[Cell]
    total: int
    recall: float | None
    query: str


@dataclass(frozen=True)
class Report:
    """The tables of a trained version; ``rows`` is empty where nothing could be held out."""

    held_out: int
    measures: list[Measure]
    outcomes: list[str]
    rows: list[Row]
    counts: list[tuple[str, int]]
    reliability: list[ReliabilityPoint]
    calibration_error: float | None = None
    calibration_by_chance: float | None = None
    operating_point: OperatingPoint | None = None
    rejected_known: Rate | None = None
    found_left_out: Rate | None = None


def report(version: ModelVersion) -> Report:
    """The tables of a version; empty ones for a version that isn't trained."""
    metrics = version.metrics
    kept = tested_kinds(version) if metrics.get("operating_point") else set()
    counts, calibration = metrics.get("counts", {}), metrics.get("calibration", {})
    return Report(
        held_out=metrics.get("held_out") or 0,
        measures=_measures(metrics) if metrics.get("held_out") else [],
        outcomes=metrics.get("outcomes", []),
        rows=_rows(metrics),
        counts=[(name, counts.get(name, 0)) for name in version.classes],
        reliability=reliability_points(metrics) if metrics.get("held_out") else [],
        calibration_error=calibration.get("expected_calibration_error"),
        calibration_by_chance=calibration.get("expected_by_chance"),
        operating_point=operating_point(metrics, kept),
        rejected_known=rejected_known(metrics),
        found_left_out=found_left_out(metrics, kept),
    )


def _measures(metrics: dict[str, Any]) -> list[Measure]:
    low, high = metrics["interval"]
    return [
        Measure(_("Accuracy"), metrics["accuracy"], low, high, _("None of these counts as wrong"), RIGHT_ONES),
        Measure(
            _("Balanced accuracy"), metrics["balanced_accuracy"], remark=_("the mean recall of the classes"), query=""
        ),
        Measure(
            _("Accuracy without None of these"),
            metrics["accuracy_without_none_of_these"],
            remark=_("if the model had to name a class"),
            query=HeldOutFilter(outcome=NEAREST).query,
        ),
        Measure(
            _("Control: the best constant answer"),
            metrics["majority"],
            remark=_("always the largest class"),
            query=_largest(metrics),
        ),
        Measure(_("Control: scale alone"), metrics["scale_only"], remark=_("without the pixels")),
    ]


def _largest(metrics: dict[str, Any]) -> str:
    """Chooses the micrographs of the class with the most held-out ones."""
    sizes = [sum(row) for row in metrics["confusion"]]
    return HeldOutFilter(label=metrics["outcomes"][sizes.index(max(sizes))]).query


def _rows(metrics: dict[str, Any]) -> list[Row]:
    """The confusion table; none-of-these is no row of it, because no training micrograph has that label."""
    outcomes = metrics.get("outcomes", [])
    rows = []
    for position, (label, counts) in enumerate(zip(outcomes, metrics.get("confusion", []), strict=True)):
        if total := sum(counts):
            cells = [
                Cell(count, column == position, HeldOutFilter(label=label, predicted=outcomes[column]).query)
                for column, count in enumerate(counts)
            ]
            recall = metrics["per_class_recall"].get(label)
            rows.append(Row(label, position, cells, total, recall, HeldOutFilter(label=label).query))
    return rows
