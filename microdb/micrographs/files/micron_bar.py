"""The micron bar in a data bar: the drawn line whose length in pixels stands for a length of the specimen.

A wrong length makes a wrong scale, so a length is given only where one single shape can be the bar:

- a line with a tick at each end, whole or interrupted by its length text;
- eleven equal, evenly spaced marks, as Hitachi draws them;
- a plain line that stands alone, whole or interrupted by its length text.

Lines that belong to letters, frames, table cells or logos are ruled out by what surrounds them. Where two shapes of
the same kind remain, there is no length.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHORTEST, LONGEST = 0.012, 0.9
"""Of the width, for a bar with ticks; a frame around the band is longer."""
SHORTEST_PLAIN, LONGEST_PLAIN = 0.03, 0.5
"""Of the width, for a plain line: a shorter one may be a dash, a longer one a rule between two rows of text."""
FEWEST_PIXELS = 12
SHORTEST_HALF = 5
"""Pixels, for each side of a bar that its length text interrupts."""
THICKEST = 1 / 5
"""Of the length."""
TALLEST_TICKS = 0.8
"""Of the band's height; a separator between two cells is taller."""
CROSSING = 0.3
"""Part of the row above or below a line that may be ink: ticks, no letters and no filled logo."""
MARKS = 11

Ink = NDArray[np.bool_]
Run = tuple[int, int]


@dataclass(frozen=True)
class _Line:
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
class _Tick:
    """What rises above and hangs below one end of a line, in pixels, and how wide it is."""

    up: int
    down: int
    width: int

    def equals(self, other: "_Tick") -> bool:
        """Whether both are alike to a pixel or a tenth."""
        slack = 1 + max(self.up, self.down) // 10
        return abs(self.up - other.up) <= slack and abs(self.down - other.down) <= slack


def bar_length(ink: Ink) -> float | None:
    """The length in pixels of the micron bar in a band (H, W) of ink and paper; None where none is sure."""
    lines = _lines(ink)
    ticked, plain = _ticked(ink, lines), _plain(ink, lines)
    found = ticked or [*_dotted(ink), *plain]
    return found[0] if len(found) == 1 else None


def _runs(row: Ink) -> list[Run]:
    """Where ink begins and ends, from left to right."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _lines(ink: Ink) -> list[_Line]:
    """Horizontal lines: runs that repeat to a pixel in the rows of their thickness, away from the band's borders."""
    grown: list[_Line] = []
    for row, pixels in enumerate(ink):
        for left, right in _runs(pixels):
            if right - left < SHORTEST_HALF:
                continue
            above = next((at for at, one in enumerate(grown) if _continues(one, row, left, right)), None)
            if above is None:
                grown.append(_Line(row, row + 1, left, right))
            else:
                one = grown[above]
                grown[above] = _Line(one.top, row + 1, min(one.left, left), max(one.right, right))
    return [one for one in grown if _stands_out(ink, one)]


def _continues(line: _Line, row: int, left: int, right: int) -> bool:
    return line.bottom == row and abs(line.left - left) <= 1 and abs(line.right - right) <= 1


def _stands_out(ink: Ink, line: _Line) -> bool:
    """Whether it touches no border of the band and is thin."""
    height, width = ink.shape
    inside = line.top > 0 and line.bottom < height and line.left > 0 and line.right < width
    return inside and line.thickness <= max(2, THICKEST * line.length)


def _beside(line: _Line, height: int) -> list[int]:
    """The rows next to it; the second ones, since JPEG and antialiasing blur the first."""
    return [row for row in (line.top - 2, line.bottom + 1) if 0 <= row < height]


def _tick(ink: Ink, line: _Line, *, at_left: bool) -> _Tick:
    """The tick at one end: the tallest of its outermost columns, and those beside it that are nearly as tall."""
    reach = min(line.length // 4 + 1, max(4, 2 * line.thickness + 1))
    columns = range(line.left, line.left + reach) if at_left else range(line.right - 1, line.right - 1 - reach, -1)
    arms = [(_rise(ink[: line.top, column][::-1]), _rise(ink[line.bottom :, column])) for column in columns]
    up, down = max(arms, key=sum)
    wide = sum(1 for a, b in arms if a + b >= 0.6 * (up + down)) if up + down else 0
    return _Tick(up, down, wide)


def _rise(column: Ink) -> int:
    """How many pixels of ink come first."""
    return len(column) if column.all() else int(column.argmin())


def _ticked(ink: Ink, lines: list[_Line]) -> list[float]:
    """The lengths of lines with a tick at each end, whole ones and interrupted ones."""
    whole = [(one, one) for one in lines]
    found = []
    for first, last in [*whole, *_pairs(ink, lines)]:
        bar = _Line(first.top, first.bottom, first.left, last.right)
        ends = (_tick(ink, first, at_left=True), _tick(ink, last, at_left=False))
        bare = first is last or (
            _is_bare(ink, first, ends[0], at_left=True) and _is_bare(ink, last, ends[1], at_left=False)
        )
        if (
            bare
            and _has_ticks(bar, ends)
            and _is_alone(ink, bar, ends)
            and _is_bar(ink, bar, ends, whole=first is last)
        ):
            found.append(_between(bar, ends))
    return found


def _has_ticks(bar: _Line, ends: tuple[_Tick, _Tick]) -> bool:
    """Whether both ends have a tick, equal, narrow, on both sides of the line or on the same one."""
    least = max(2, bar.thickness // 2)
    narrow = max(3, bar.thickness + 1)
    return ends[0].equals(ends[1]) and all(max(one.up, one.down) >= least and one.width <= narrow for one in ends)


def _is_bar(ink: Ink, bar: _Line, ends: tuple[_Tick, _Tick], *, whole: bool) -> bool:
    """Whether its length and its ticks are those of a bar: no letter H, no cell of a table, no box around a text."""
    height, width = ink.shape
    tall = max(one.up + one.down for one in ends) + bar.thickness
    if not max(FEWEST_PIXELS, SHORTEST * width) <= bar.length <= LONGEST * width:
        return False
    if tall > TALLEST_TICKS * height or bar.length < 1.15 * tall:
        return False
    if whole and not all(ink[row, bar.left : bar.right].mean() <= CROSSING for row in _beside(bar, height)):
        return False
    inside = slice(bar.left, bar.right)
    rows = [*range(bar.top - max(e.up for e in ends), bar.top - 1), *range(bar.bottom + 1, bar.bottom + ends[0].down)]
    return all(ink[row, inside].mean() < 0.7 for row in rows if 0 <= row < height)


def _is_alone(ink: Ink, bar: _Line, ends: tuple[_Tick, _Tick]) -> bool:
    """Whether no ink stands close to its left or right: a letter has neighbours."""
    up, down = max(one.up for one in ends), max(one.down for one in ends)
    gap = max(2, (up + down + bar.thickness) // 6)
    rows = slice(max(0, bar.top - up), bar.bottom + down)
    return not any(ink[rows, columns].any() for columns in _sides(bar, bar, gap))


def _between(bar: _Line, ends: tuple[_Tick, _Tick]) -> float:
    """Its length: from centre to centre of the ticks; a tick of a single pixel belongs to the length."""
    wide = (ends[0].width + ends[1].width) / 2
    return float(bar.length - (round(wide) if wide >= 2 else 0))


def _pairs(ink: Ink, lines: list[_Line]) -> list[tuple[_Line, _Line]]:
    """The two sides of bars that their length text interrupts: alike, in the same rows, each as far from the text."""
    found = []
    for first, last in itertools.permutations(lines, 2):
        alike = abs(first.length - last.length) <= 3 + first.length // 20
        same = abs(first.top - last.top) <= 1 and abs(first.bottom - last.bottom) <= 1
        if last.left - first.right >= FEWEST_PIXELS and alike and same and _holds_text(ink, first, last):
            found.append((first, last))
    return found


def _holds_text(ink: Ink, first: _Line, last: _Line) -> bool:
    """Whether characters stand in the middle of the gap, across the line's rows."""
    across = ink[max(0, first.top - 4) : first.bottom + 4, first.right : last.left]
    columns = across.any(axis=0)
    characters = _runs(columns)
    if len(characters) < 2 or not across[:4].any() or not across[-4:].any():
        return False
    before, after = characters[0][0], len(columns) - characters[-1][1]
    widest = max(right - left for left, right in characters)
    return min(before, after) > 0 and abs(before - after) <= 4 + len(columns) // 4 and widest < len(columns) / 2


def _is_bare(ink: Ink, line: _Line, tick: _Tick, *, at_left: bool) -> bool:
    """Whether a half has ink only in its line and its tick, which crosses it: no letter E or F."""
    inner = (
        slice(line.left + tick.width + 1, line.right + 1)
        if at_left
        else slice(line.left - 1, line.right - tick.width - 1)
    )
    above = ink[max(0, line.top - tick.up) : line.top - 1, inner]
    below = ink[line.bottom + 1 : line.bottom + tick.down, inner]
    return min(tick.up, tick.down) >= 2 and not above.any() and not below.any()


def _plain(ink: Ink, lines: list[_Line]) -> list[float]:
    """The lengths of lines that stand alone without ticks, whole ones and interrupted ones."""
    width = ink.shape[1]
    half = max(FEWEST_PIXELS, SHORTEST * width)
    alone = [one for one in lines if one.length >= half and _is_solid(ink, one)]
    pairs = [(a, b) for a, b in _pairs(ink, alone) if not _touches_text(ink, a, b)]
    halves = set(itertools.chain.from_iterable(pairs))
    whole = [one.length for one in alone if one not in halves and not _is_in_row(ink, lines, one)]
    bars = [*whole, *(b.right - a.left for a, b in pairs)]
    return [float(one) for one in bars if SHORTEST_PLAIN * width <= one <= LONGEST_PLAIN * width]


def _is_in_row(ink: Ink, lines: list[_Line], line: _Line) -> bool:
    """Whether characters or another such line stand in its row: it is a dash, an underscore or half of a bar."""
    row = [one for one in lines if abs(one.top - line.top) <= 1 and abs(one.bottom - line.bottom) <= 1]
    return any(one is not line and 2 * one.length >= line.length for one in row) or _touches_text(ink, line, line)


def _is_solid(ink: Ink, line: _Line) -> bool:
    """Whether paper surrounds it on all sides, but for the blur of its edges."""
    rows = slice(max(0, line.top - 2), line.bottom + 2)
    above, below = ink[line.top - 2 : line.top - 1], ink[line.bottom + 1 : line.bottom + 2]
    columns = slice(max(0, line.left - 2), line.right + 2)
    ends = ink[rows, max(0, line.left - 3) : line.left - 1].any() or ink[rows, line.right + 1 : line.right + 3].any()
    return not ends and not above[:, columns].any() and not below[:, columns].any()


def _touches_text(ink: Ink, first: _Line, last: _Line) -> bool:
    """Whether characters stand close to the left or right of a bar, or above that place, as around an underscore."""
    width = ink.shape[1]
    top, bottom = max(0, first.top - FEWEST_PIXELS), first.bottom + 3
    near, wide = max(3, width // 170), width // 40
    if any(ink[top:bottom, columns].any() for columns in _sides(first, last, near)):
        return True
    return any(
        ink[top : first.top - 1, columns].any() and not ink[first.top - 1 : bottom, columns].any()
        for columns in _sides(first, last, wide)
    )


def _sides(first: _Line, last: _Line, gap: int) -> tuple[slice, slice]:
    """The columns to the left and to the right of a bar."""
    return slice(max(0, first.left - gap), first.left), slice(last.right, last.right + gap)


def _dotted(ink: Ink) -> list[float]:
    """From the first to the last of eleven upright, equal, evenly spaced marks, of which there is one row."""
    found: dict[Run, float] = {}
    for row in range(1, len(ink) - 1):
        runs = _runs(ink[row])
        for at in range(len(runs) - MARKS + 1):
            marks = runs[at : at + MARKS]
            if _is_even(marks) and _are_marks(ink, row, marks):
                found[(marks[0][0] // 4, marks[-1][0] // 4)] = float(marks[-1][0] - marks[0][0])
    return list(found.values())


def _is_even(marks: list[Run]) -> bool:
    """Whether all are as wide as the first and as far from one another, to a pixel."""
    wide = marks[0][1] - marks[0][0]
    pitch = (marks[-1][0] - marks[0][0]) / (MARKS - 1)
    even = all(abs(left - marks[0][0] - at * pitch) <= 1 for at, (left, _right) in enumerate(marks))
    return even and pitch > 2 * wide and all(abs(right - left - wide) <= 1 for left, right in marks)


def _are_marks(ink: Ink, row: int, marks: list[Run]) -> bool:
    """Whether all are rectangles of one height, further apart than letters, with nothing beside the first and last."""
    tall = [_rise(ink[row:, left]) + _rise(ink[:row, left][::-1]) for left, _right in marks]
    pitch = (marks[-1][0] - marks[0][0]) / (MARKS - 1)
    if max(tall) - min(tall) > 1 or pitch < 0.8 * max(tall) or max(tall) < 3:
        return False
    top = row - _rise(ink[:row, marks[0][0]][::-1])
    area = ink[top + 1 : top + max(tall) - 1, max(0, marks[0][0] - round(pitch)) : marks[-1][1] + round(pitch)]
    return len(_runs(area.any(axis=0))) == MARKS
