"""The data bar that a microscope burns into an image: a full-width band at the bottom with text and a micron bar.

Zeiss, FEI, Hitachi and JEOL draw it differently, but alike in this: most of its pixels have one single gray value, the
rest is ink far from that value, and it begins at one row across the whole width. A network would learn it, so it is
kept out of crops and saliency maps.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microdb.micrographs.files.micron_bar import find_bar
from microdb.micrographs.files.micron_bar.writing import Box, texts_at

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
FRAME_ROWS = 3
LAST_ROWS = 6
"""Below the band there may be a frame line and a few rows of the picture."""
INK_SHARES = (0.002, 0.4)
FAR = 0.4
"""Of the gray range, between paper and ink."""

MARGIN = 0.25
"""Paper around a text in its picture, in its heights."""

Gray = NDArray[np.float32]


@dataclass(frozen=True)
class DataBar:
    """The first row of the band, and the length in pixels of the micron bar in it, where one was found.

    ``texts`` are small pictures of what is written at the bar, the nearest first, as ink from 0 (paper) to 255.
    """

    top: int
    bar_pixels: float | None = None
    texts: tuple[NDArray[np.uint8], ...] = ()


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
    top = _top((away <= TOLERANCE).mean(axis=1), framed=_framed(lower, away))
    if top is None or not _is_written(lower[top:], paper):
        return None
    ink = away[top:] > FAR
    bar = find_bar(ink)
    if bar is None:
        return DataBar(first + top)
    return DataBar(first + top, bar.length, tuple(_picture(away[top:], text) for text in texts_at(ink, bar)))


def _picture(away: Gray, text: Box) -> NDArray[np.uint8]:
    """A text with the blur of its edges, and empty paper around it."""
    ink = away[max(0, text.top - 1) : text.bottom + 1, max(0, text.left - 1) : text.right + 1]
    gray = np.clip(255 * ink / max(float(ink.max()), FAR), 0, 255).astype(np.uint8)
    return np.pad(gray, max(2, round(MARGIN * text.height)))


def _paper(lower: Gray) -> float:
    """The commonest gray value of the lowest rows."""
    levels = np.round(lower[-2 * LOWEST_ROWS :] * 255).astype(np.int64)
    return float(np.bincount(levels.ravel(), minlength=256).argmax()) / 255


def _framed(lower: Gray, away: Gray) -> NDArray[np.bool_]:
    """Which rows are a line across the whole width: nearly all of one gray value far from the paper's."""
    even = np.abs(lower - np.median(lower, axis=1, keepdims=True)) <= 2 * TOLERANCE
    return np.asarray((even & (away > FAR)).mean(axis=1) > FRAME_SHARE)


def _top(rows: NDArray[np.floating], framed: NDArray[np.bool_]) -> int | None:
    """Where the run of paper rows at the bottom begins; a frame line of up to three rows may interrupt it.

    A frame line above it belongs to the band. ``rows`` is the share of paper in each row, ``framed`` marks frame lines.
    """
    is_paper = rows >= PAPER_SHARE
    top, gap = None, 0
    for row in range(len(rows) - 1, -1, -1):
        if is_paper[row]:
            top, gap = row, 0
        elif (gap := gap + 1) > (FRAME_ROWS if top else LAST_ROWS):
            break
    if top is None or top < 8 or len(rows) - top < LOWEST_ROWS:
        return None
    if rows[top : top + 3].mean() - rows[top - 6 : top - 3].mean() < JUMP:
        return None
    return next((row for row in (top, top - 1, top - 2, top - 3) if not framed[row - 1]), top)


def _is_written(band: Gray, paper: float) -> bool:
    """Whether the band holds ink, and little that is neither ink nor paper."""
    away = np.abs(band - paper)
    ink, between = float((away > FAR).mean()), float(((away > TOLERANCE) & (away <= FAR)).mean())
    return INK_SHARES[0] <= ink <= INK_SHARES[1] and between <= ink + 0.15
