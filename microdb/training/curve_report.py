"""A measured learning curve: shares with intervals, and what more micrographs of each class would bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from microdb.statistics import Interval, clustered_interval, expected_gain, paired_difference
from microdb.training.models import LearningCurve

MORE = 20
"""Micrographs of one class whose benefit is estimated."""
SIDE = 200
"""Of the drawing, in its own units."""
ROOM = 25
"""That a number below the axis takes."""

Flags = NDArray[np.bool_]


def curve_result(
    specimens: Sequence[str],
    shares: Sequence[tuple[float, Flags]],
    halved: Mapping[str, tuple[float, float, Flags]],
) -> dict[str, Any]:
    """The measured flags as numbers to store, JSON-able.

    ``specimens`` (n,) of the held-out micrographs. ``shares``: how many micrographs trained, and which (n,) were then
    recognised; the last with all. ``halved``: for a class how many of its micrographs were kept, of how many, and which
    were then recognised.
    """
    _names, groups = np.unique(np.array(specimens, dtype=object).astype(str), return_inverse=True)
    complete = shares[-1][1]
    return {
        "held_out": len(groups),
        "points": [_point(count, right, groups) for count, right in shares],
        "classes": [_class(name, *found, complete, groups) for name, found in halved.items()],
    }


def _point(count: float, right: Flags, groups: NDArray[np.int_]) -> dict[str, Any]:
    hits, total = (np.bincount(groups, of).astype(np.float64) for of in (right, np.ones(len(right))))
    interval = clustered_interval(hits, total)
    return {"micrographs": count, "share": float(right.mean()), "low": interval.low, "high": interval.high}


def _class(
    name: str, kept: float, count: float, right: Flags, complete: Flags, groups: NDArray[np.int_]
) -> dict[str, Any]:
    """The loss of accuracy without half of the class, and the gain that the same power law gives for more of it."""
    loss = paired_difference(right, complete, groups)
    error = 1 - float(complete.mean())

    def gain(of: float) -> float:
        return expected_gain(error, error + of, count, kept, MORE)

    return {
        "name": name,
        "kept": kept,
        "count": count,
        "loss": loss.difference,
        "low": loss.interval.low,
        "high": loss.interval.high,
        "gain": gain(loss.difference),
        "gain_low": gain(loss.interval.low),
        "gain_high": gain(loss.interval.high),
    }


@dataclass(frozen=True)
class CurvePoint:
    """A point of the curve; ``x``, ``y`` and ``interval_path`` place it in the drawing, whose origin is upper left."""

    micrographs: float
    share: float
    interval: Interval
    x: float
    has_room: bool
    """Whether its number fits below the axis beside that of the next point."""

    @property
    def y(self) -> float:
        return SIDE * (1 - self.share)

    @property
    def interval_path(self) -> str:
        top, bottom = (SIDE * (1 - end) for end in (self.interval.high, self.interval.low))
        return f"M{self.x:.1f} {top:.1f}V{bottom:.1f}"


@dataclass(frozen=True)
class ClassWorth:
    """What half of a class's micrographs brought, and what ``MORE`` further ones are expected to bring."""

    name: str
    kept: float
    count: float
    loss: float
    interval: Interval
    gain: float
    gain_interval: Interval

    @property
    def is_clear(self) -> bool:
        """Whether chance alone does not explain the loss."""
        return self.interval.low > 0


@dataclass(frozen=True)
class CurveReport:
    """``best``: the class of which more would probably help most; None where chance alone could explain its loss."""

    held_out: int
    points: list[CurvePoint]
    classes: list[ClassWorth]
    best: ClassWorth | None
    more: int = MORE

    @property
    def line(self) -> str:
        """The points of a line through the curve."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


def curve_report(curve: LearningCurve) -> CurveReport | None:
    """None before it is measured."""
    result = curve.result
    if not result:
        return None
    counts = [one["micrographs"] for one in result["points"]]
    places = [SIDE * count / max(counts) for count in counts]
    points = [
        CurvePoint(
            one["micrographs"], one["share"], Interval(one["low"], one["high"]), place, following - place >= ROOM
        )
        for one, place, following in zip(result["points"], places, [*places[1:], 2 * SIDE], strict=True)
    ]
    classes = [_worth(one) for one in result["classes"]]
    classes.sort(key=lambda one: (-one.gain, -one.loss, one.name))
    best = classes[0] if classes and classes[0].is_clear else None
    return CurveReport(result["held_out"], points, classes, best)


def _worth(one: dict[str, Any]) -> ClassWorth:
    return ClassWorth(
        name=one["name"],
        kept=one["kept"],
        count=one["count"],
        loss=one["loss"],
        interval=Interval(one["low"], one["high"]),
        gain=one["gain"],
        gain_interval=Interval(one["gain_low"], one["gain_high"]),
    )
