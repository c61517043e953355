"""Bars without ticks: lines that stand alone."""

import itertools

from microdb.micrographs.files.micron_bar.lines import FEWEST_PIXELS, Bar, Ink, Line, pairs_in, sides

SHORTEST, LONGEST = 0.03, 0.5
"""Of the width: a shorter line may be a dash, a longer one a rule between two rows of text."""
SHORTEST_HALF = 0.012


def plain_bars(ink: Ink, lines: list[Line]) -> list[Bar]:
    """Lines that stand alone without ticks, whole ones and interrupted ones."""
    width = ink.shape[1]
    half = max(FEWEST_PIXELS, SHORTEST_HALF * width)
    alone = [one for one in lines if one.length >= half and _is_solid(ink, one)]
    pairs = [(a, b) for a, b in pairs_in(ink, alone) if not _touches_text(ink, a, b)]
    halves = set(itertools.chain.from_iterable(pairs))
    whole = [(one,) for one in alone if one not in halves and not _is_in_row(ink, lines, one)]
    bars = [Bar(float(strokes[-1].right - strokes[0].left), strokes) for strokes in [*whole, *pairs]]
    return [one for one in bars if SHORTEST * width <= one.length <= LONGEST * width]


def _is_in_row(ink: Ink, lines: list[Line], line: Line) -> bool:
    """Whether characters or another such line stand in its row: it is a dash, an underscore or half of a bar."""
    row = [one for one in lines if abs(one.top - line.top) <= 1 and abs(one.bottom - line.bottom) <= 1]
    return any(one is not line and 2 * one.length >= line.length for one in row) or _touches_text(ink, line, line)


def _is_solid(ink: Ink, line: Line) -> bool:
    """Whether paper surrounds it on all sides, but for the blur of its edges."""
    rows = slice(max(0, line.top - 2), line.bottom + 2)
    above, below = ink[line.top - 2 : line.top - 1], ink[line.bottom + 1 : line.bottom + 2]
    columns = slice(max(0, line.left - 2), line.right + 2)
    ends = ink[rows, max(0, line.left - 3) : line.left - 1].any() or ink[rows, line.right + 1 : line.right + 3].any()
    return not ends and not above[:, columns].any() and not below[:, columns].any()


def _touches_text(ink: Ink, first: Line, last: Line) -> bool:
    """Whether characters stand close to the left or right of a bar, or around it as around an underscore."""
    width = ink.shape[1]
    near, wide = max(3, width // 170), width // 40
    level = slice(max(0, first.top - FEWEST_PIXELS), first.bottom + 3)
    if any(ink[level, columns].any() for columns in sides(first, last, near)):
        return True
    above = slice(max(0, first.top - max(FEWEST_PIXELS, width // 60)), max(0, first.top - 1))
    beside = slice(max(0, first.top - 1), first.bottom + 3)
    if ink[above, first.left : last.right].any():
        return False
    return any(ink[above, columns].any() and not ink[beside, columns].any() for columns in sides(first, last, wide))
