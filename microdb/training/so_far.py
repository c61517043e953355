"""What is known of a training while it runs, as its page shows it: accuracy, losses, and the map as it forms."""

from dataclasses import dataclass
from typing import Any

from microdb import palette
from microdb.training.models import ModelVersion

WIDTH, HEIGHT = 300.0, 120.0
"""Of the drawing of the losses, in its own units."""
SIDE = 300.0
"""Of the map."""
MARGIN, RADIUS = 8.0, 3.5


@dataclass(frozen=True)
class Mark:
    """A training crop on the map: the colour of its class, and the corners of its shape in the drawing's units."""

    colour: str
    corners: str

    @classmethod
    def of(cls, x: float, y: float, position: int) -> "Mark":
        corners = [f"{x + RADIUS * dx:.1f},{y + RADIUS * dy:.1f}" for dx, dy in palette.outline(position)]
        return cls(palette.css_variable(position), " ".join(corners))


@dataclass(frozen=True)
class SoFar:
    """``share``: of ``held_out`` micrographs that were recognised; None before any was asked. ``losses``: the points of
    a line. ``classes``: those on the map, with their positions."""

    held_out: int
    right: int
    losses: str
    latest_loss: float | None
    marks: list[Mark]
    classes: list[tuple[int, str]]

    @property
    def share(self) -> float | None:
        return self.right / self.held_out if self.held_out else None


def so_far(version: ModelVersion) -> SoFar | None:
    """None before anything is known."""
    known: dict[str, Any] = version.live
    if not known:
        return None
    losses, formed = known.get("losses", []), known.get("map", {"points": [], "labels": []})
    present = set(formed["labels"])
    return SoFar(
        held_out=known.get("held_out", 0),
        right=known.get("right", 0),
        losses=_line(losses),
        latest_loss=losses[-1][1] if losses else None,
        marks=_marks(formed, version.classes),
        classes=[(place, name) for place, name in enumerate(version.classes) if name in present],
    )


def _line(losses: list[tuple[float, float]]) -> str:
    """Left to right as they came, the highest at the top; each head in training begins anew."""
    if len(losses) < 2:
        return ""
    top, step = max(loss for _fraction, loss in losses) or 1.0, WIDTH / (len(losses) - 1)
    return " ".join(f"{number * step:.1f},{HEIGHT - HEIGHT * one[1] / top:.1f}" for number, one in enumerate(losses))


def _marks(formed: dict[str, Any], classes: list[str]) -> list[Mark]:
    points = formed["points"]
    if not points:
        return []
    low = [min(point[axis] for point in points) for axis in (0, 1)]
    span = [max(point[axis] for point in points) - low[axis] or 1.0 for axis in (0, 1)]
    inner = SIDE - 2 * MARGIN
    return [
        Mark.of(
            MARGIN + inner * (x - low[0]) / span[0],
            SIDE - MARGIN - inner * (y - low[1]) / span[1],
            classes.index(label),
        )
        for (x, y), label in zip(points, formed["labels"], strict=True)
        if label in classes
    ]
