"""Horizontal lines in a band of ink and paper, the ticks at their ends, and pairs around a text."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEWEST_PIXELS = 12
SHORTEST_HALF = 5
"""Pixels, for each side of a bar that its length text interrupts."""
THICKEST = 1 / 5
"""Of the length."""
MOST_LINES = 2000
"""The letters of a data bar have some hundred; more would take long and be no writing."""

Ink = NDArray[np.bool_]
Run = tuple[int, int]


@dataclass(frozen=True)
class Line:
    """A horizontal line of uniform thickness: its rows and columns (the last ones excluded)."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def length(self) -> int:
        return self.right - self.left

    @property
    def thickness(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True)
class Bar:
    """A shape that may be the micron bar: its length in pixels, and the strokes that make it, from left to right."""

    length: float
    strokes: tuple[Line, ...]

    @property
    def left(self) -> int:
        return self.strokes[0].left

    @property
    def right(self) -> int:
        return self.strokes[-1].right

    @property
    def top(self) -> int:
        return min(stroke.top for stroke in self.strokes)

    @property
    def bottom(self) -> int:
        return max(stroke.bottom for stroke in self.strokes)


@dataclass(frozen=True)
class Tick:
    """What rises above and hangs below one end of a line, in pixels, and how wide it is."""

    up: int
    down: int
    width: int

    def equals(self, other: "Tick") -> bool:
        """Whether both are alike to a pixel or a tenth."""
        slack = 1 + max(self.up, self.down) // 10
        return abs(self.up - other.up) <= slack and abs(self.down - other.down) <= slack


def runs_of(row: Ink) -> list[Run]:
    """Where ink begins and ends, from left to right."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def lines_in(ink: Ink) -> list[Line]:
    """Horizontal lines: runs that repeat to a pixel in the rows of their thickness, away from the band's borders.

    Empty where there are too many for a data bar.
    """
    done: list[Line] = []
    growing: list[Line] = []
    for row, pixels in enumerate(ink):
        before, growing = growing, []
        for left, right in runs_of(pixels):
            if right - left < SHORTEST_HALF:
                continue
            above = next((one for one in before if _continues(one, left, right)), None)
            if above is None:
                growing.append(Line(row, row + 1, left, right))
            else:
                before.remove(above)
                growing.append(Line(above.top, row + 1, min(above.left, left), max(above.right, right)))
        done += [one for one in before if _stands_out(ink, one)]
        if max(len(growing), len(done)) > MOST_LINES:
            return []
    return done + [one for one in growing if _stands_out(ink, one)]


def _continues(line: Line, left: int, right: int) -> bool:
    return abs(line.left - left) <= 1 and abs(line.right - right) <= 1


def _stands_out(ink: Ink, line: Line) -> bool:
    """Whether it touches no border of the band and is thin."""
    height, width = ink.shape
    inside = line.top > 0 and line.bottom < height and line.left > 0 and line.right < width
    return inside and line.thickness <= max(2, THICKEST * line.length)


def rows_beside(line: Line, height: int) -> list[int]:
    """The rows next to it; the second ones, since JPEG and antialiasing blur the first."""
    return [row for row in (line.top - 2, line.bottom + 1) if 0 <= row < height]


def sides(first: Line, last: Line, gap: int) -> tuple[slice, slice]:
    """The columns to the left and to the right of a bar."""
    return slice(max(0, first.left - gap), first.left), slice(last.right, last.right + gap)


def tick_at(ink: Ink, line: Line, *, at_left: bool) -> Tick:
    """The tick at one end: the tallest of its outermost columns, and those beside it that are nearly as tall."""
    reach = min(line.length // 4 + 1, max(4, 2 * line.thickness + 1))
    columns = range(line.left, line.left + reach) if at_left else range(line.right - 1, line.right - 1 - reach, -1)
    arms = [(rise(ink[: line.top, column][::-1]), rise(ink[line.bottom :, column])) for column in columns]
    up, down = max(arms, key=sum)
    wide = sum(1 for a, b in arms if a + b >= 0.6 * (up + down)) if up + down else 0
    return Tick(up, down, wide)


def rise(column: Ink) -> int:
    """How many pixels of ink come first."""
    return len(column) if column.all() else int(column.argmin())


def pairs_in(ink: Ink, lines: list[Line]) -> list[tuple[Line, Line]]:
    """The two sides of bars that their length text interrupts: alike, in the same rows, each as far from the text."""
    found = []
    for first, last in itertools.permutations(lines, 2):
        alike = abs(first.length - last.length) <= 3 + first.length // 20
        same = abs(first.top - last.top) <= 1 and abs(first.bottom - last.bottom) <= 1
        if last.left - first.right >= FEWEST_PIXELS and alike and same and _holds_text(ink, first, last):
            found.append((first, last))
    return found


def _holds_text(ink: Ink, first: Line, last: Line) -> bool:
    """Whether characters stand in the middle of the gap, across the line's rows."""
    across = ink[max(0, first.top - 4) : first.bottom + 4, first.right : last.left]
    columns: Ink = np.any(across, axis=0)
    characters = runs_of(columns)
    if len(characters) < 2 or not across[:4].any() or not across[-4:].any():
        return False
    before, after = characters[0][0], len(columns) - characters[-1][1]
    widest = max(right - left for left, right in characters)
    return min(before, after) > 0 and abs(before - after) <= 4 + len(columns) // 4 and widest < len(columns) / 2
