"""Annotation boxes: opaque labels that a microscope or a program burns into an image at its upper or lower edge.

Unlike a data bar, a box does not span the width. It is found by what a picture never has: a rectangle with four
straight edges, whose border is one single gray value, with the picture right beside it and writing inside.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WHITE = 255
"""The brightest value of an image, which is stretched to 8 bits."""
TOLERANCE, EDGE_TOLERANCE = 16, 32
"""Gray values: JPEG blurs the single value of the paper, most at the edges of a box."""
FAR = 90
"""Gray values between paper and ink."""
MOST_PAPERS, AROUND = 6, 12
"""Gray values that may be the paper, and how many on either side a value is compared with."""
SAMPLED_PIXELS = 1_000_000

LEAST_HEIGHT, LEAST_WIDTH = 0.012, 0.05
"""Of the image's height and width."""
LEAST_ROWS, LEAST_COLUMNS = 10, 24
MOST_HEIGHT, MOST_AREA = 0.3, 0.25
"""Of the image; more is a part of the picture."""
MOST_GAP = 0.06
"""Of the image's height, between a box and the upper or lower edge."""

BORDER_PAPER = 0.97
"""Part of each of the box's outermost rows and columns that is paper."""
BESIDE, BESIDE_PAPER = 3, 0.3
"""Rows and columns just outside, and the part of them that may be paper: else the box ends somewhere else."""
PAPER_SHARE = 0.45
INK_SHARES = (0.004, 0.5)
MOST_BLURRED = 8
"""Rows or columns into which JPEG blurs an edge, at most: its blocks have eight."""
FRAME_PIXELS = 4
"""Widest frame line around a box."""
MOST_SEEDS = 300
MOST_BOXES = 8

Levels = NDArray[np.uint8]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the image."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class _Edges:
    """Rows from ``top`` to ``bottom`` and columns from ``left`` to ``right``, the ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def rows(self) -> slice:
        return slice(self.top, self.bottom)

    @property
    def columns(self) -> slice:
        return slice(self.left, self.right)

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    def overlaps(self, other: "_Edges") -> bool:
        across = min(self.right, other.right) > max(self.left, other.left)
        return across and min(self.bottom, other.bottom) > max(self.top, other.top)


def find_annotation_boxes(pixels: NDArray[np.generic]) -> list[Box]:
    """The boxes in gray pixels (H, W) without a data bar, from above; empty where none is sure."""
    height, width = pixels.shape
    low, high = float(pixels.min()), float(pixels.max())
    if high <= low or height < 4 * LEAST_ROWS or width < 2 * LEAST_COLUMNS:
        return []
    rows = int((MOST_HEIGHT + MOST_GAP) * height) + BESIDE + 1
    found = []
    for first, strip in ((0, pixels[:rows]), (height - rows, pixels[height - rows :])):
        levels = np.rint((strip.astype(np.float32) - low) * (WHITE / (high - low))).astype(np.uint8)
        # The strip's inner edge is none of the image
        inner = {"bottom": rows} if first == 0 else {"top": 0}
        for one in _boxes(levels, height):
            if all(getattr(one, side) != edge for side, edge in inner.items()):
                found.append(Box(one.left, first + one.top, one.width, one.height))
    return found[:MOST_BOXES]


def _boxes(levels: Levels, height: int) -> list[_Edges]:
    """Those of a strip of an image of this height; of overlapping ones the largest."""
    found: list[_Edges] = []
    for paper in _papers(levels):
        away = np.abs(levels.astype(np.int16) - paper).astype(np.uint8)
        found.extend(box for box in _candidates(away, height) if _has_border(away, box) and _is_written(away, box))
    chosen: list[_Edges] = []
    for box in sorted(found, key=lambda box: -box.height * box.width):
        if not any(box.overlaps(other) for other in chosen):
            chosen.append(box)
    return sorted((_with_frame(levels, box) for box in chosen), key=lambda box: (box.top, box.left))


def _papers(levels: Levels) -> list[int]:
    """Gray values that a box may be filled with: much more frequent than those around them."""
    step = max(1, int((levels.size / SAMPLED_PIXELS) ** 0.5))
    counts = np.bincount(levels[::step, ::step].ravel(), minlength=WHITE + 1)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(counts, AROUND, "reflect"), 2 * AROUND + 1)
    excess = counts - np.median(around, axis=1)
    return [int(level) for level in np.argsort(-excess, kind="stable")[:MOST_PAPERS]]


def _candidates(away: Levels, height: int) -> Iterator[_Edges]:
    """Rectangles of a fitting size with a clean row across, and clean columns at both ends."""
    is_paper, nearly = away <= TOLERANCE, away <= EDGE_TOLERANCE
    width = is_paper.shape[1]
    seen: set[tuple[int, int]] = set()
    for row, left, right in _long_runs(is_paper, max(LEAST_COLUMNS, int(LEAST_WIDTH * width))):
        if (left, right) in seen:
            continue
        if len(seen) == MOST_SEEDS:
            return
        seen.add((left, right))
        clean = np.asarray(nearly[:, [left, left + 1, right - 2, right - 1]].all(axis=1))
        top = row + 1 - _run(clean[: row + 1][::-1])
        box = _grown(nearly, _Edges(top, row + _run(clean[row:]), left, right))
        least = max(LEAST_ROWS, LEAST_HEIGHT * height)
        if least <= box.height <= MOST_HEIGHT * height and box.height * box.width <= MOST_AREA * height * width:
            yield box


def _grown(nearly: Flags, box: _Edges) -> _Edges:
    """With the columns and rows beside it that are nearly paper: those that the edge was blurred into."""
    before, after = nearly[box.rows, : box.left].T[::-1], nearly[box.rows, box.right :].T
    left, right = box.left - _lines(before), box.right + _lines(after)
    above, below = nearly[: box.top, left:right][::-1], nearly[box.bottom :, left:right]
    return _Edges(box.top - _lines(above), box.bottom + _lines(below), left, right)


def _lines(outwards: Flags) -> int:
    """How many lines are paper before the first that is not, at most ``MOST_BLURRED``."""
    return _run(outwards[:MOST_BLURRED].mean(axis=1) >= BORDER_PAPER)


def _long_runs(is_paper: Flags, least: int) -> Iterator[tuple[int, int, int]]:
    """Row, first column and last column (excluded) of each run of paper that is long, but not as wide as the image."""
    rows, width = is_paper.shape
    padded = np.zeros((rows, width + 2), np.int8)
    padded[:, 1:-1] = is_paper
    steps = np.diff(padded, axis=1)
    row, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    long = (ends - starts >= least) & (ends - starts < width)
    yield from zip(row[long].tolist(), starts[long].tolist(), ends[long].tolist(), strict=True)


def _run(flags: Flags) -> int:
    """How many flags are set before the first that is not."""
    return int(np.argmin(np.append(flags, False)))


def _has_border(away: Levels, box: _Edges) -> bool:
    """Whether all four outermost lines are paper, and what lies just outside is not."""
    inner = (
        away[box.top, box.columns],
        away[box.bottom - 1, box.columns],
        away[box.rows, box.left],
        away[box.rows, box.right - 1],
    )
    return all((line <= EDGE_TOLERANCE).mean() >= BORDER_PAPER for line in inner) and not any(
        _goes_on(lines[: max(BESIDE, box.height // 2)]) for lines in _outwards(away, box)
    )


def _goes_on(outwards: Levels) -> bool:
    """Whether a box goes on in the lines beside it: in the nearest ones, or behind a bar that reaches across."""
    near = outwards[:BESIDE] <= TOLERANCE
    crossed = (outwards <= EDGE_TOLERANCE).mean(axis=1) >= BORDER_PAPER
    return bool(near.size) and bool(near.mean() > BESIDE_PAPER or crossed.any())


def _outwards(levels: Levels, box: _Edges) -> list[Levels]:
    """The rows above and below a box and the columns beside it, each as lines from the box outwards."""
    return [
        levels[: box.top, box.columns][::-1],
        levels[box.bottom :, box.columns],
        levels[box.rows, : box.left].T[::-1],
        levels[box.rows, box.right :].T,
    ]


def _is_written(away: Levels, box: _Edges) -> bool:
    """Whether a box holds ink on paper, and little that is neither."""
    inside = away[box.rows, box.columns]
    paper, ink = float((inside <= TOLERANCE).mean()), float((inside > FAR).mean())
    return paper >= PAPER_SHARE and INK_SHARES[0] <= ink <= INK_SHARES[1] and 1 - paper - ink <= ink + 0.1


def _with_frame(levels: Levels, box: _Edges) -> _Edges:
    """With a frame line around it, and the pixel beyond, into which an edge may have been blurred."""
    rows, columns = levels.shape
    up, down, left, right = (_frame(lines) + 1 for lines in _outwards(levels, box))
    return _Edges(
        max(0, box.top - up), min(rows, box.bottom + down), max(0, box.left - left), min(columns, box.right + right)
    )


def _frame(outwards: Levels) -> int:
    """How many of the first lines are a frame: nearly all of one gray value."""
    lines = outwards[: FRAME_PIXELS + 1].astype(np.int16)
    even = np.abs(lines - np.median(lines, axis=1, keepdims=True)) <= 2 * TOLERANCE
    count = _run(even.mean(axis=1) > BORDER_PAPER)
    return count if count <= FRAME_PIXELS else 0
