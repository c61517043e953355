"""Annotation boxes drawn at random into drawn pictures: labels and scale bars, and where they are."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.micrographs.drawn_bands import LENGTHS, TEXTS, _picture, _saved

STYLES = ["strip", "corner", "inset", "framed", "upper"]


@dataclass(frozen=True)
class Boxed:
    """A drawn picture with an annotation box: its pixels, the box (x, y, width, height), and its style."""

    pixels: np.ndarray
    box: tuple[int, int, int, int]
    style: str


def draw_boxed(seed: int, style: str | None = None) -> Boxed:
    """One picture with a box; ``style`` is random where it is not given."""
    rng = np.random.default_rng(seed)
    style = style or str(rng.choice(STYLES))
    width = int(rng.choice([512, 640, 1024, 1280, 2048]))
    height = width * 3 // 4
    paper, ink = (int(value) for value in rng.permutation([rng.choice([0, 0, 20]), rng.choice([255, 255, 235])]))
    label = _label(rng, style, width, paper, ink)
    rows, columns = label.shape
    left, top = _place(rng, style, (height, width), label.shape)
    picture = _picture(rng, width, height)
    picture[top : top + rows, left : left + columns] = label
    return Boxed(_saved(rng, picture), (left, top, columns, rows), style)


def _label(rng: np.random.Generator, style: str, width: int, paper: int, ink: int) -> np.ndarray:
    """A line of writing for a strip; a length above its bar for the others."""
    size = max(11, int(width * rng.uniform(0.014, 0.03)))
    font = ImageFont.load_default(size=size)
    margin = int(rng.integers(4, 9))
    words = str(rng.choice(TEXTS)) if style in ("strip", "upper") else str(rng.choice(LENGTHS))
    long = int(font.getlength(words)) + 2 * margin
    bar = int(rng.integers(width // 12, width // 5)) if style not in ("strip", "upper") else 0
    columns = min(int(0.8 * width), max(long, bar + 2 * margin))
    rows = int(1.4 * size) + 2 * margin + (size // 2 if bar else 0)
    image = Image.new("L", (columns, rows), paper)
    pen = ImageDraw.Draw(image)
    pen.text((margin, margin), words, fill=ink, font=font)
    if bar:
        pen.rectangle((margin, rows - margin - max(2, size // 5), margin + bar, rows - margin - 1), fill=ink)
    if style == "framed":
        pen.rectangle((0, 0, columns - 1, rows - 1), outline=ink, width=int(rng.integers(1, 3)))
    return np.array(image)


def _place(rng: np.random.Generator, style: str, picture: tuple[int, int], label: tuple[int, ...]) -> tuple[int, int]:
    """The left and top edge of the label."""
    free_down, free_across = picture[0] - label[0], picture[1] - label[1]
    if style == "strip":
        return int(rng.choice([0, free_across, free_across // 2])), free_down
    if style == "corner":
        return int(rng.choice([0, free_across])), free_down
    gap = int(picture[0] * rng.uniform(0.01, 0.05))
    across = int(rng.choice([gap, free_across - gap]))
    return (across, gap) if style == "upper" else (across, free_down - gap)
