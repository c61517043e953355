"""Where the length of a micron bar is written: texts beside, above, below or inside the bar."""

import math
from dataclasses import dataclass
from functools import reduce

from microdb.micrographs.files.micron_bar.lines import Bar, Ink, runs_of

REACH = 3
"""Heights of the band, to the left and right of the bar; texts farther away are not looked for."""
MOST_TEXTS = 6
"""The nearest ones."""
LOWEST = 6
"""Pixels; lower characters can't be read."""
FARTHEST = 2.5
"""Between bar and text, in heights of the text."""
SPACE, WIDEST_SPACE = 0.25, 1.8
"""Between two words of a row, in heights of its characters; a wider one separates rows."""
MOST_SPACES = 3
"""Before which a length may end: 1 000 nm has two."""
FEWEST, MOST = 2, 12
"""Shapes of a length: characters may touch, or be broken."""
HIGHEST_SHARE = 0.8
"""Of the band; a separator is higher than any character."""
WIDEST = 8
"""Of a shape, in its heights; a rule is wider than any character."""
LOW = 0.6
"""Of a character's height from its top; points and commas stand lower."""
MOST_RUNS = 20_000
"""Characters around a bar have some thousand; more would take long and be no writing."""


@dataclass(frozen=True, order=True)
class Box:
    """Rows and columns of a band, the last ones excluded."""

    left: int
    right: int
    top: int
    bottom: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    def with_other(self, other: "Box") -> "Box":
        left, right = min(self.left, other.left), max(self.right, other.right)
        return Box(left, right, min(self.top, other.top), max(self.bottom, other.bottom))


def texts_at(ink: Ink, bar: Bar) -> list[Box]:
    """The texts at a bar in a band (H, W) of ink that may be a length, the nearest first.

    Other words may follow a length in its row, so what stands before each of the first spaces of a row is a text too.
    """
    height, width = ink.shape
    first, last = max(0, bar.left - REACH * height), min(width, bar.right + REACH * height)
    shapes = [one for one in _shapes(ink, first, last) if not _is_stroke(one, bar)]
    characters = [one for one in shapes if one.height < HIGHEST_SHARE * height and one.width < WIDEST * one.height]
    rows = [row for row in _rows(characters) if row[0].left > first or not first]
    end = last if last < width else math.inf
    texts = {_hull(text) for row in rows for text in _beginnings(row, end) if FEWEST <= len(text) <= MOST}
    near = sorted((_distance(one, bar) / one.height, one) for one in texts if one.height >= LOWEST)
    return [text for distance, text in near if distance <= FARTHEST][:MOST_TEXTS]


def has_low_mark(ink: Ink) -> bool:
    """Whether the picture (H, W) of a text has a small shape at its base line: a point, a comma, or a broken letter."""
    shapes = _shapes(ink, 0, ink.shape[1])
    tallest = max((one.height for one in shapes), default=0)
    tall = [one for one in shapes if 2 * one.height >= tallest]
    if not tall:
        return False
    top, base = min(one.top for one in tall), sorted(one.bottom for one in tall)[len(tall) // 2]
    low = [one for one in shapes if one.top + one.bottom > 2 * (top + LOW * (base - top))]
    return any(2 * one.height <= base - top and one.height * one.width > 1 for one in low)


def _shapes(ink: Ink, first: int, last: int) -> list[Box]:
    """Connected ink between two columns; nothing where there is too much of it."""
    runs: list[Box] = []
    parents: list[int] = []
    above = range(0)
    for row, pixels in enumerate(ink[:, first:last]):
        runs += [Box(first + left, first + right, row, row + 1) for left, right in runs_of(pixels)]
        if len(runs) > MOST_RUNS:
            return []
        here = range(len(parents), len(runs))
        parents += here
        _join(runs, parents, above, here)
        above = here
    shapes: dict[int, Box] = {}
    for at, run in enumerate(runs):
        root = _root(parents, at)
        shapes[root] = shapes[root].with_other(run) if root in shapes else run
    return list(shapes.values())


def _join(runs: list[Box], parents: list[int], above: range, here: range) -> None:
    """Make one shape of the runs of two rows that touch, also at a corner."""
    start = above.start
    for at in here:
        while start < above.stop and runs[start].right < runs[at].left:
            start += 1
        for other in range(start, above.stop):
            if runs[other].left > runs[at].right:
                break
            parents[_root(parents, other)] = _root(parents, at)


def _root(parents: list[int], at: int) -> int:
    while parents[at] != at:
        parents[at] = parents[parents[at]]
        at = parents[at]
    return at


def _is_stroke(shape: Box, bar: Bar) -> bool:
    return any(
        shape.left < stroke.right
        and stroke.left < shape.right
        and shape.top < stroke.bottom
        and stroke.top < shape.bottom
        for stroke in bar.strokes
    )


def _rows(characters: list[Box]) -> list[list[Box]]:
    """Characters that stand in one row, with at most a wide space between them, from left to right."""
    rows: list[list[Box]] = []
    for character in sorted(characters):
        row = next((one for one in rows if _continues(_hull(one), character)), None)
        if row is None:
            rows.append([character])
        else:
            row.append(character)
    return rows


def _continues(row: Box, character: Box) -> bool:
    middles = (row.top + row.bottom) / 2, (character.top + character.bottom) / 2
    level = row.top <= middles[1] <= row.bottom or character.top <= middles[0] <= character.bottom
    return level and character.left - row.right <= WIDEST_SPACE * max(row.height, character.height)


def _beginnings(row: list[Box], end: float) -> list[list[Box]]:
    """What stands before the first spaces of a row, and the row itself unless it may go on behind column ``end``."""
    whole = _hull(row)
    spaces = [at for at in range(1, len(row)) if row[at].left - _hull(row[:at]).right > SPACE * whole.height]
    goes_on = whole.right + WIDEST_SPACE * whole.height >= end
    return [*(row[:at] for at in spaces[:MOST_SPACES]), *([] if goes_on else [row])]


def _hull(shapes: list[Box]) -> Box:
    return reduce(Box.with_other, shapes)


def _distance(text: Box, bar: Bar) -> float:
    """Pixels of paper between a text and a bar."""
    across = max(bar.left - text.right, text.left - bar.right, 0)
    return math.hypot(across, max(bar.top - text.bottom, text.top - bar.bottom, 0))
