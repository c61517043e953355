"""How often predictions of a stated probability were right: the reliability diagram of a version's report."""

from dataclasses import dataclass
from typing import Any

from microdb.statistics import Interval, wilson_interval
from microdb.training.held_out import HeldOutFilter

BINS = 10
SIDE = 200
"""Of the diagram's square, in units of its drawing."""


@dataclass(frozen=True)
class ReliabilityPoint:
    """The predictions whose probability lies in one bin: their mean probability, and which share was right.

    ``query`` asks the page of held-out micrographs for them. ``x``, ``y`` and ``interval_path`` place them and their
    95 % interval in the drawing, whose origin is at the upper left.
    """

    stated: float
    right: float
    count: int
    interval: Interval
    query: str

    @property
    def x(self) -> float:
        return SIDE * self.stated

    @property
    def y(self) -> float:
        return SIDE * (1 - self.right)

    @property
    def interval_path(self) -> str:
        """A vertical line from the upper to the lower end."""
        top, bottom = (SIDE * (1 - end) for end in (self.interval.high, self.interval.low))
        return f"M{self.x:.1f} {top:.1f}V{bottom:.1f}"


def reliability_points(metrics: dict[str, Any]) -> list[ReliabilityPoint]:
    """Of the held-out micrographs, one for each bin that is not empty."""
    return [_point(row["stated"], row["right"], row["count"]) for row in metrics["calibration"].get("reliability", [])]


def _point(stated: float, right: float, count: int) -> ReliabilityPoint:
    low = min(int(BINS * stated), BINS - 1)
    step = 100 // BINS
    query = HeldOutFilter(low=step * low, high=step * (low + 1)).query
    return ReliabilityPoint(stated, right, count, wilson_interval(round(right * count), count), query)
