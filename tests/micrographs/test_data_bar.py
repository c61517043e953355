"""The burnt-in data bar is found where there is one, in each maker's style, and only there."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from classifier import draw_micrograph
from microdb.micrographs.files.data_bar import find_data_bar

WIDTH, HEIGHT = 512, 384
Pen = ImageDraw.ImageDraw


def picture(seed: int = 0) -> np.ndarray:
    """A textured picture that uses the whole gray range."""
    noise = np.random.default_rng(seed).normal(0, 1, (HEIGHT // 4, WIDTH // 4))
    smooth = np.asarray(Image.fromarray(noise.astype(np.float32)).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
    return np.clip(128 + 60 * smooth, 0, 255).astype(np.uint8)


def text(pen: Pen, x: int, y: int, words: str, ink: int) -> None:
    pen.text((x, y), words, fill=ink, font=ImageFont.load_default(size=14))


def zeiss(pen: Pen, top: int) -> int:
    """White with black text; the bar is a line with two ends below its length."""
    pen.rectangle((0, top, WIDTH, HEIGHT), fill=255)
    text(pen, 24, top + 2, "10 µm", 0)
    pen.line((20, top + 22, 119, top + 22), fill=0, width=2)
    pen.line((20, top + 17, 20, top + 27), fill=0)
    pen.line((119, top + 17, 119, top + 27), fill=0)
    text(pen, 150, top + 8, "EHT = 5.00 kV   WD = 4.2 mm   Signal A = InLens   Mag = 5.00 K X", 0)
    return 100


def fei(pen: Pen, top: int) -> int:
    """Black with white text in boxes; the bar is broken by its length."""
    pen.rectangle((0, top, WIDTH, HEIGHT), fill=0)
    pen.rectangle((0, top, WIDTH - 1, HEIGHT - 1), outline=255)
    text(pen, 4, top + 8, "HV | mag | WD | det   15.00 kV  2 500 x  10.1 mm  ETD", 255)
    pen.line((360, top + 15, 399, top + 15), fill=255)
    text(pen, 404, top + 8, "20 µm", 255)
    pen.line((460, top + 15, 499, top + 15), fill=255)
    return 140


def hitachi(pen: Pen, top: int) -> int:
    """Black with white text; the bar is solid."""
    pen.rectangle((0, top, WIDTH, HEIGHT), fill=0)
    text(pen, 6, top + 8, "S4800 5.0kV 8.2mm x10.0k SE(U)", 255)
    pen.line((400, top + 10, 479, top + 10), fill=255, width=3)
    text(pen, 420, top + 14, "5.00um", 255)
    return 80


def hitachi_dotted(pen: Pen, top: int) -> int:
    """Black with white text; eleven ticks, a tenth of the length apart, in the rows of the text."""
    pen.rectangle((0, top, WIDTH, HEIGHT), fill=0)
    text(pen, 6, top + 4, "S4800 5.0kV 8.2mm x10.0k SE(U) 11/25/2026 illlli", 255)
    for tick in range(11):
        left = 380 + round(tick * 8.6)
        pen.rectangle((left, top + 6, left + 1, top + 12), fill=255)
    text(pen, 420, top + 16, "5.00um", 255)
    return 86


def jeol(pen: Pen, top: int) -> int:
    """Dark gray, almost empty."""
    pen.rectangle((0, top, WIDTH, HEIGHT), fill=30)
    text(pen, 10, top + 8, "SEI  15.0kV  X1,000  WD 10mm", 250)
    pen.line((340, top + 16, 429, top + 16), fill=250, width=2)
    text(pen, 440, top + 8, "10 µm", 250)
    return 90


def burnt_in(style: Callable[[Pen, int], int], rows: int = 32) -> tuple[np.ndarray, int, int]:
    """A picture with a data bar, its first row, and the length of its micron bar."""
    image = Image.fromarray(picture())
    length = style(ImageDraw.Draw(image), HEIGHT - rows)
    return np.asarray(image), HEIGHT - rows, length


@pytest.mark.parametrize("style", [zeiss, fei, hitachi, hitachi_dotted, jeol])
def test_the_data_bar_of_each_maker_is_found_with_its_micron_bar(style):
    pixels, top, length = burnt_in(style)
    found = find_data_bar(pixels)
    assert found is not None
    assert found.top == top
    assert found.bar_pixels == pytest.approx(length, abs=3)


@pytest.mark.parametrize("style", [zeiss, fei, hitachi, hitachi_dotted, jeol])
def test_it_is_found_through_jpeg_and_in_sixteen_bits(style):
    pixels, top, length = burnt_in(style)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=85)
    for same in (np.asarray(Image.open(file)), pixels.astype(np.uint16) * 200, pixels / np.float32(7) - 3):
        found = find_data_bar(same)
        assert found is not None
        assert abs(found.top - top) <= 2
        assert found.bar_pixels == pytest.approx(length, abs=4)


def test_text_that_looks_even_is_no_dotted_bar():
    def no_bar(pen: Pen, top: int) -> int:
        pen.rectangle((0, top, WIDTH, HEIGHT), fill=0)
        text(pen, 6, top + 8, "x 1,000,000 ........ |||||| IIIII ::::: 11111 nm", 255)
        return 0

    pixels, _top, _none = burnt_in(no_bar)
    found = find_data_bar(pixels)
    assert found is not None
    assert found.bar_pixels is None


def test_the_drawn_demos_data_bar_is_found():
    given = {"pixels_per_micrometre": 6.0, "seed": 1, "specimen": 1, "width": 640, "height": 480}
    pixels = draw_micrograph("pearlite", **given, data_bar=True)
    found = find_data_bar(pixels)
    assert found is not None
    assert found.top == 480 - 36


def test_pictures_without_one_keep_all_their_rows():
    dark = picture(1)
    dark[HEIGHT // 2 :] = dark[HEIGHT // 2 :] // 8  # a shadow
    black = np.where(picture(2) < 140, 0, picture(2)).astype(np.uint8)  # saturated in the dark
    fading = (picture(3) * np.linspace(1, 0, HEIGHT)[:, None]).astype(np.uint8)
    cut = picture(4)
    cut[-40:] = 0  # a black strip without any writing tells nothing, and is no data bar
    for pixels in (picture(), dark, black, fading, cut, np.zeros((HEIGHT, WIDTH), np.uint8), picture()[:20]):
        assert find_data_bar(pixels) is None


def test_real_micrographs_without_one_keep_all_their_rows(uhcs: Path):
    for path in sorted(uhcs.glob("*/*.png")):
        assert find_data_bar(np.asarray(Image.open(path).convert("L"))) is None, path.name
