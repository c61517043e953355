"""Bars of eleven marks, as Hitachi draws them."""

import numpy as np

from microdb.micrographs.files.micron_bar.lines import Bar, Ink, Line, Run, rise, runs_of

MARKS = 11


def dotted_bars(ink: Ink) -> list[Bar]:
    """From the first to the last of eleven upright, equal, evenly spaced marks, of which there is one row."""
    found: dict[Run, Bar] = {}
    for row in range(1, len(ink) - 1):
        runs = runs_of(ink[row])
        for at in range(len(runs) - MARKS + 1):
            marks = runs[at : at + MARKS]
            if _is_even(marks) and _are_marks(ink, row, marks):
                strokes = tuple(Line(row, row + 1, left, right) for left, right in marks)
                found[(marks[0][0] // 4, marks[-1][0] // 4)] = Bar(float(marks[-1][0] - marks[0][0]), strokes)
    return list(found.values())


def _is_even(marks: list[Run]) -> bool:
    """Whether all are as wide as the first and as far from one another, to a pixel."""
    wide = marks[0][1] - marks[0][0]
    pitch = (marks[-1][0] - marks[0][0]) / (MARKS - 1)
    even = all(abs(left - marks[0][0] - at * pitch) <= 1 for at, (left, _right) in enumerate(marks))
    return even and pitch > 2 * wide and all(abs(right - left - wide) <= 1 for left, right in marks)


def _are_marks(ink: Ink, row: int, marks: list[Run]) -> bool:
    """Whether all are rectangles of one height, further apart than letters, with nothing beside the first and last."""
    tall = [rise(ink[row:, left]) + rise(ink[:row, left][::-1]) for left, _right in marks]
    pitch = (marks[-1][0] - marks[0][0]) / (MARKS - 1)
    if max(tall) - min(tall) > 1 or pitch < 0.8 * max(tall) or max(tall) < 3:
        return False
    top = row - rise(ink[:row, marks[0][0]][::-1])
    area = ink[top + 1 : top + max(tall) - 1, max(0, marks[0][0] - round(pitch)) : marks[-1][1] + round(pitch)]
    columns: Ink = np.any(area, axis=0)
    return len(runs_of(columns)) == MARKS
