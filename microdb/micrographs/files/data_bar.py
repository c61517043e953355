"""The data bar that a microscope burns into an image: a full-width band at the bottom with text and a micron bar.

Zeiss, FEI, Hitachi and JEOL draw it differently, but alike in this: most of its pixels have one single gray value, the
rest is ink far from that value, and it begins at one row across the whole width. A network would learn it, so it is
kept out of crops and saliency maps.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HIGHEST_SHARE = 0.3
"""Of the image's height; a band above this is no data bar but a part of the picture."""
LOWEST_ROWS = 8
PAPER_SHARE = 0.55
"""Part of a row that has the band's single gray value, at least; dense text leaves about 0.6."""
TOLERANCE = 0.04
"""Of the gray range: JPEG blurs the single value."""
JUMP = 0.25
"""How much the share of that value grows at the band's first row: a dark corner of a picture grows dark slowly."""
FRAME_SHARE = 0.9
INK_SHARES = (0.002, 0.4)
FAR = 0.4
"""Of the gray range, between paper and ink."""
SHORTEST_BAR, LONGEST_BAR = 0.03, 0.9
"""Of the width. A frame around the band is longer."""
FEWEST_MARKS = 9
"""Of a dotted bar, as Hitachi draws it: eleven ticks, whose first and last are as far apart as its length."""
WIDEST_MARK = 0.02

Gray = NDArray[np.float32]


@dataclass(frozen=True)
class DataBar:
    """The first row of the band, and the length in pixels of the micron bar in it, where one was found."""

    top: int
    bar_pixels: float | None


def find_data_bar(pixels: NDArray[np.generic]) -> DataBar | None:
    """The data bar of gray pixels (H, W); None where there is none that is sure."""
    height = len(pixels)
    first = int(height * (1 - HIGHEST_SHARE))
    if height - first < 2 * LOWEST_ROWS:
        return None
    low, high = float(pixels.min()), float(pixels.max())
    if high <= low:
        return None
    lower = (pixels[first:].astype(np.float32) - low) / (high - low)
    paper = _paper(lower)
    away = np.abs(lower - paper)
    top = _top((away <= TOLERANCE).mean(axis=1), framed=(away > FAR).mean(axis=1) > FRAME_SHARE)
    if top is None or not _is_written(lower[top:], paper):
        return None
    return DataBar(first + top, _bar_pixels(away[top:] > FAR))


def _paper(lower: Gray) -> float:
    """The commonest gray value of the lowest rows."""
    levels = np.round(lower[-2 * LOWEST_ROWS :] * 255).astype(np.int64)
    return float(np.bincount(levels.ravel(), minlength=256).argmax()) / 255


def _top(rows: NDArray[np.floating], framed: NDArray[np.bool_]) -> int | None:
    """Where the run of paper rows that reaches the bottom begins; a frame line of up to three rows may interrupt it.

    ``rows`` is the share of paper in each row, ``framed`` marks rows that are a line across the whole width.
    """
    is_paper = rows >= PAPER_SHARE
    top, gap = None, 0
    for row in range(len(rows) - 1, -1, -1):
        if is_paper[row]:
            top, gap = row, 0
        elif (gap := gap + 1) > 3:
            break
    if top is None or top < 8 or len(rows) - top < LOWEST_ROWS:
        return None
    if rows[top : top + 3].mean() - rows[top - 6 : top - 3].mean() < JUMP:
        return None
    return next((row for row in (top, top - 1, top - 2) if not framed[row - 1]), top - 3)


def _is_written(band: Gray, paper: float) -> bool:
    """Whether the band holds ink, and little that is neither ink nor paper."""
    away = np.abs(band - paper)
    ink, between = float((away > FAR).mean()), float(((away > TOLERANCE) & (away <= FAR)).mean())
    return INK_SHARES[0] <= ink <= INK_SHARES[1] and between <= ink + 0.1


def _bar_pixels(ink: NDArray[np.bool_]) -> float | None:
    """The length of the micron bar in a band (H, W): of its evenly spaced marks, else of its longest stroke."""
    width = ink.shape[1]
    runs = [_runs(row) for row in ink]
    best = max((_marks_length(row, WIDEST_MARK * width) for row in runs), default=0.0)
    if best < SHORTEST_BAR * width:
        best = max((_stroke_length(row, width) for row in runs), default=0.0)
    return best if best >= SHORTEST_BAR * width else None


def _runs(row: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where ink begins and ends, from left to right."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _stroke_length(runs: list[tuple[int, int]], width: int) -> float:
    """The longest stroke; two equal ones in a row count with the text that stands between them."""
    shortest, longest = SHORTEST_BAR * width, LONGEST_BAR * width
    long = [(a, b) for a, b in runs if shortest / 2 <= b - a <= longest]
    best = max((b - a for a, b in long), default=0)
    for (a, b), (c, d) in itertools.pairwise(long):
        if abs((b - a) - (d - c)) <= 3 and c - b <= 3 * (b - a) and d - a <= longest:
            best = max(best, d - a)
    return float(best)


def _marks_length(runs: list[tuple[int, int]], widest: float) -> float:
    """From the first to the last of the longest row of narrow, equal, evenly spaced marks; 0 where there is none."""
    best, chain = 0.0, runs[:1]
    for mark in runs[1:]:
        chain = [*chain, mark] if _goes_on(chain, mark, widest) else [chain[-1], mark]
        if len(chain) >= FEWEST_MARKS:
            best = max(best, float(chain[-1][0] - chain[0][0]))
    return best


def _goes_on(chain: list[tuple[int, int]], mark: tuple[int, int], widest: float) -> bool:
    """Whether ``mark`` is as wide as those before and as far from the last as they are from one another, to a pixel."""
    (first, end), last = chain[0], chain[-1]
    wide = end - first
    if wide > widest or abs((mark[1] - mark[0]) - wide) > 1:
        return False
    pitch = (last[0] - first) / (len(chain) - 1) if len(chain) > 1 else mark[0] - last[0]
    return pitch > 2 * wide and abs(mark[0] - last[0] - pitch) <= 1
