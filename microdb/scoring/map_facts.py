"""How a score's map lies on its micrograph."""

from dataclasses import dataclass

from microdb.scoring.models import Score

MARK_RADIUS = 0.008
"""Of the circle around a chosen place, as a share of the longer side."""


@dataclass(frozen=True)
class MapFacts:
    """In pixels of the micrograph: the height that was looked at, the side of the window that a value stands for or
    None, and the radius of the mark; the window also as a text in micrometres."""

    seen_height: int
    window_pixels: int | None
    window_micrometres: str
    mark_radius: int


def map_facts(score: Score) -> MapFacts:
    width, height = score.micrograph.width or 0, score.micrograph.height or 0
    seen = min(height, score.data_bar_top or height)
    window = round(score.window * max(width, seen)) if score.window else None
    scale = score.pixels_per_micrometre
    length = f"{window / scale:.3g} × {window / scale:.3g}" if window and scale else ""
    return MapFacts(seen, window, length, max(1, round(MARK_RADIUS * max(width, height))))
