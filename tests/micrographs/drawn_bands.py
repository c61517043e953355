"""Data bars in the styles of several makers, drawn at random: the picture and the true length of its micron bar.

Sizes from 512 to 3072 pixels, black, white and gray bands, framed or not, with logos, separators and tables; the bar
with or without ticks, above, below, beside or around its length text; whole rows of the picture may follow the band.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

BARS = ["i_beam", "i_beam", "cup", "plain", "split_beam", "split_plain", "dotted"]
PLACES = ["above", "below", "beside"]
LENGTHS = ["200 nm", "1 µm", "2.00um", "10 µm", "500nm", "3 µm", "100 µm", "1 mm", "20 um"]
TEXTS = [
    "EHT = 20.00 kV", "WD = 2.8 mm", "Signal A = InLens", "Mag =   50.00 K X", "Store resolution = 1024 * 768",
    "Width = 7.520 µm", "File Name = sample_01__a-b.tif", "Date :18 Jul 2019", "I Probe = 200 pA", "SEI 15.0kV X1,000",
    "HV 10.00 kV | det ETD | HFW 12.8 µm", "S4800 5.0kV 8.2mm x10.0k SE(U)", "illlli |||| HHH === --- ___",
    "SEM MAG: 5.00 kx",
    "View field: 41.5 µm", "Det: SE, BSE", "H = 5 mm", "E-Beam  F-F-F  TILT 52", "Noise Reduction = Pixel Avg.",
]  # fmt: skip


Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Band:
    """A drawn picture with a data bar: its pixels, the true length of its bar, the style, the band's first row, and the
    length that is written at the bar."""

    pixels: np.ndarray
    length: int
    style: str
    top: int
    label: str


def draw_band(
    seed: int, bar: str | None = None, *, typeface: str | None = None, labels: Sequence[str] = LENGTHS
) -> Band:
    """One picture with a data bar; ``bar`` names its style, which is random where it is not given.

    ``typeface`` is the path of a font; Pillow's own has no micro sign.
    """
    rng = np.random.default_rng(seed)
    bar = bar or str(rng.choice(BARS))
    width = int(rng.choice([512, 640, 768, 1024, 1280, 1536, 2048, 3072]))
    height = width * 3 // 4
    size = max(10, int(width * rng.uniform(0.013, 0.02)))
    rows = int(size * rng.uniform(3.2, 5))
    font = ImageFont.truetype(typeface, size) if typeface else ImageFont.load_default(size=size)
    band, length, label = _band(rng, bar, width, rows, size, font, labels)
    picture = _picture(rng, width, height)
    below = int(rng.choice([0, 0, 1, 3]))
    top = height - rows - below
    picture[top : top + rows] = band
    return Band(_saved(rng, picture), length, bar, top, label)


def _picture(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    noise = Image.fromarray(rng.normal(0, 1, (height // 4, width // 4)).astype(np.float32))
    smooth = np.asarray(noise.resize((width, height), Image.Resampling.BICUBIC))
    return np.clip(rng.uniform(60, 190) + 40 * smooth, 0, 255).astype(np.uint8)


def _saved(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """As it is, or through JPEG of quality 60 to 95."""
    if rng.random() < 0.3:
        return picture
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=int(rng.integers(60, 96)))
    return np.asarray(Image.open(file).convert("L"))


def _band(
    rng: np.random.Generator, bar: str, width: int, rows: int, size: int, font: Font, labels: Sequence[str]
) -> tuple[np.ndarray, int, str]:
    """A band, the length of its bar and its label; drawn white on black, then turned to the colours of a style."""
    canvas = Image.new("L", (width, rows), 0)
    pen = ImageDraw.Draw(canvas)
    place = int(width * rng.uniform(0.16, 0.32))
    at_right = rng.random() < 0.6
    left = width - place if at_right else 0
    length, label = _bar(rng, pen, bar, font, (left, place, rows, size), labels)
    texts = (0, left) if at_right else (place, width)
    logo = rng.random() < 0.3
    if logo:
        texts = (texts[0] + 2 * size + 8, texts[1])
        _logo(rng, pen, texts[0] - 2 * size - 4, rows, size)
    _texts(rng, pen, font, texts, rows, size)
    thick = int(rng.choice([1, 1, 2]))
    if rng.random() < 0.35:
        pen.rectangle((0, 0, width - 1, rows - 1), outline=255, width=thick)
    elif rng.random() < 0.3:
        pen.line((0, 0, width, 0), fill=255, width=thick)
    if rng.random() < 0.3:
        edge = left if at_right else place
        pen.line((edge, 0, edge, rows), fill=int(rng.choice([255, 110])), width=1)
    return _coloured(rng, np.asarray(canvas)), length, label


def _coloured(rng: np.random.Generator, drawn: np.ndarray) -> np.ndarray:
    paper, ink = [(0, 255), (0, 255), (255, 0), (255, 0), (45, 255), (30, 240), (225, 0)][rng.integers(7)]
    return (paper + (ink - paper) * (drawn / 255)).round().astype(np.uint8)


def _logo(rng: np.random.Generator, pen: ImageDraw.ImageDraw, left: int, rows: int, size: int) -> None:
    box = (left, rows // 2 - size, left + 2 * size - 6, rows // 2 + size)
    kind = rng.integers(3)
    if kind == 0:
        pen.rectangle(box, fill=int(rng.choice([180, 255])))
        pen.text((left + 2, rows // 2 - size // 2), "MK", fill=0, font=ImageFont.load_default(size=size))
    elif kind == 1:
        pen.ellipse(box, outline=255, width=2)
    else:
        pen.rectangle(box, outline=255, width=1)


def _texts(rng: np.random.Generator, pen, font, columns: tuple[int, int], rows: int, size: int) -> None:
    left, right = columns
    lines = 2 if rows > 2.6 * size else 1
    x = left + size
    while x < right - size:
        words = [str(one) for one in rng.choice(TEXTS, lines)]
        wide = max(pen.textlength(one, font=font) for one in words)
        if x + wide > right - size:
            break
        for line, one in enumerate(words):
            pen.text((x, rows * (0.1 + 0.45 * line)), one, fill=255, font=font)
        x += int(wide + size * rng.uniform(1.5, 3))


def _bar(
    rng: np.random.Generator, pen, bar: str, font: Font, cell: tuple[int, int, int, int], labels: Sequence[str]
) -> tuple[int, str]:
    """The micron bar with its label in a cell (left, width, rows, size of the text); its true length and its label."""
    left, room, rows, size = cell
    label = str(rng.choice(labels))
    wide = int(pen.textlength(label, font=font))
    thick = int(rng.choice([1, 1, 2, 3])) if size > 12 else int(rng.choice([1, 2]))
    if bar.startswith("split"):
        least = wide + 2 * size + 24
        length = int(rng.uniform(least, max(least + 2, room * 0.92)))
        return _split(
            rng, pen, bar, font, (left + (room - length) // 2, rows // 2, length, thick, size), label, wide
        ), label
    place = str(rng.choice(PLACES))
    space = room - 2 * size - (wide + size if place == "beside" else 0)
    shortest = max(0.032 * 4 * room if bar == "plain" else 0, 1.6 * size, 24)
    length = int(rng.uniform(shortest, max(shortest + 2, space)))
    if bar == "dotted":
        length = round(max(size * 0.6, length / 10) * 10)
    x = left + size
    y = {"above": rows * 0.68, "below": rows * 0.3, "beside": rows * 0.5}[place]
    text = {"above": (x, y - size * 1.9), "below": (x, y + size * 0.6), "beside": (x + length + size, y - size * 0.6)}[
        place
    ]
    pen.text(text, label, fill=255, font=font)
    return _whole(rng, pen, bar, (x, int(y), length, thick, size)), label


def _whole(rng: np.random.Generator, pen, bar: str, box: tuple[int, int, int, int, int]) -> int:
    x, y, length, thick, size = box
    tall = max(3, int(size * rng.uniform(0.25, 0.55)))
    if bar == "dotted":
        pitch = length / 10
        for mark in range(11):
            at = x + round(mark * pitch)
            pen.rectangle((at, y - tall // 2, at + thick - 1, y - tall // 2 + max(3, int(pitch * 0.8))), fill=255)
        return length
    if bar == "plain":
        thick *= int(rng.choice([1, 2]))
    pen.rectangle((x, y, x + length - 1, y + thick - 1), fill=255)
    if bar in ("i_beam", "cup"):
        bottom = y + thick - 1 + (tall if bar == "i_beam" else 0)
        _ticks(pen, (x, x + length - 1), (y - tall, bottom), thick)
    return length


def _split(rng, pen, bar: str, font, box: tuple[int, int, int, int, int], label: str, wide: int) -> int:
    x, y, length, thick, size = box
    gap = (wide + size) // 2
    middle = x + length // 2
    pen.rectangle((x, y, middle - gap, y + thick - 1), fill=255)
    pen.rectangle((middle + gap, y, x + length - 1, y + thick - 1), fill=255)
    pen.text((middle - wide // 2, y - size * 0.65), label, fill=255, font=font)
    if bar == "split_beam":
        tall = max(3, int(size * rng.uniform(0.3, 0.7)))
        _ticks(pen, (x, x + length - 1), (y - tall, y + tall + thick - 1), thick)
    return length


def _ticks(pen, ends: tuple[int, int], rows: tuple[int, int], thick: int) -> None:
    """Ticks whose centres are ``ends``; those of two pixels lie one to the left."""
    for end in ends:
        left = end - thick // 2
        pen.rectangle((left, rows[0], left + thick - 1, rows[1]), fill=255)
