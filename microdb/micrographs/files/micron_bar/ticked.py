"""Bars with a tick at each end."""

from microdb.micrographs.files.micron_bar.lines import (
    FEWEST_PIXELS,
    Bar,
    Ink,
    Line,
    Tick,
    pairs_in,
    rows_beside,
    sides,
    tick_at,
)

SHORTEST, LONGEST = 0.012, 0.9
"""Of the width; a frame around the band is longer."""
TALLEST_TICKS = 0.8
"""Of the band's height; a separator between two cells is taller."""
CROSSING = 0.3
"""Part of the row above or below a line that may be ink: ticks, no letters and no filled logo."""


def ticked_bars(ink: Ink, lines: list[Line]) -> list[Bar]:
    """Lines with a tick at each end, whole ones and interrupted ones."""
    whole = [(one, one) for one in lines]
    found = []
    for first, last in [*whole, *pairs_in(ink, lines)]:
        bar = Line(first.top, first.bottom, first.left, last.right)
        ends = (tick_at(ink, first, at_left=True), tick_at(ink, last, at_left=False))
        bare = first is last or (
            _is_bare(ink, first, ends[0], at_left=True) and _is_bare(ink, last, ends[1], at_left=False)
        )
        if (
            bare
            and _has_ticks(bar, ends)
            and _is_alone(ink, bar, ends)
            and _is_bar(ink, bar, ends, whole=first is last)
        ):
            found.append(Bar(_between(bar, ends), (first,) if first is last else (first, last)))
    return found


def _has_ticks(bar: Line, ends: tuple[Tick, Tick]) -> bool:
    """Whether both ends have a tick, equal, narrow, on both sides of the line or on the same one."""
    least = max(2, bar.thickness // 2)
    narrow = max(3, bar.thickness + 1)
    return ends[0].equals(ends[1]) and all(max(one.up, one.down) >= least and one.width <= narrow for one in ends)


def _is_bar(ink: Ink, bar: Line, ends: tuple[Tick, Tick], *, whole: bool) -> bool:
    """Whether its length and its ticks are those of a bar: no letter H, no cell of a table, no box around a text."""
    height, width = ink.shape
    tall = max(one.up + one.down for one in ends) + bar.thickness
    if not max(FEWEST_PIXELS, SHORTEST * width) <= bar.length <= LONGEST * width:
        return False
    if tall > TALLEST_TICKS * height or bar.length < 1.15 * tall:
        return False
    if whole and not all(ink[row, bar.left : bar.right].mean() <= CROSSING for row in rows_beside(bar, height)):
        return False
    inside = slice(bar.left, bar.right)
    rows = [*range(bar.top - max(e.up for e in ends), bar.top - 1), *range(bar.bottom + 1, bar.bottom + ends[0].down)]
    return all(ink[row, inside].mean() < 0.7 for row in rows if 0 <= row < height)


def _is_alone(ink: Ink, bar: Line, ends: tuple[Tick, Tick]) -> bool:
    """Whether no ink stands close to its left or right: a letter has neighbours."""
    up, down = max(one.up for one in ends), max(one.down for one in ends)
    gap = max(2, (up + down + bar.thickness) // 6)
    rows = slice(max(0, bar.top - up), bar.bottom + down)
    return not any(ink[rows, columns].any() for columns in sides(bar, bar, gap))


def _between(bar: Line, ends: tuple[Tick, Tick]) -> float:
    """Its length. Makers disagree on what thick ticks add: Zeiss counts from centre to centre, FEI the outer edges.

    Half a pixel more than from centre to centre errs by less than 2 % on both; a tick of one pixel belongs to the bar.
    """
    wide = round((ends[0].width + ends[1].width) / 2)
    return bar.length - wide + 0.5 if wide > 1 else float(bar.length)


def _is_bare(ink: Ink, line: Line, tick: Tick, *, at_left: bool) -> bool:
    """Whether a half has ink only in its line and its tick, which crosses it: no letter E or F."""
    inner = (
        slice(line.left + tick.width + 1, line.right + 1)
        if at_left
        else slice(line.left - 1, line.right - tick.width - 1)
    )
    above = ink[max(0, line.top - tick.up) : line.top - 1, inner]
    below = ink[line.bottom + 1 : line.bottom + tick.down, inner]
    return min(tick.up, tick.down) >= 2 and not above.any() and not below.any()
