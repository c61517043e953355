"""The micron bar is measured right, or not at all."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from microdb.micrographs.files.data_bar import find_data_bar
from microdb.micrographs.files.micron_bar import find_bar
from tests.micrographs import drawn_bands
from tests.micrographs.drawn_bands import Band, draw_band

STYLES = sorted(set(drawn_bands.BARS))
DRAWN = 8
"""Bands of each style."""


def found_in(band: Band) -> float | None:
    found = find_data_bar(band.pixels)
    assert found is not None, band.style
    return found.bar_pixels


def bar_length(band: np.ndarray) -> float | None:
    found = find_bar(band)
    return found and found.length


def ink(*rectangles: tuple[int, int, int, int], size: tuple[int, int] = (1024, 60)) -> np.ndarray:
    """A band with rectangles of ink: left, top, right, bottom, all included."""
    image = Image.new("1", size)
    for box in rectangles:
        ImageDraw.Draw(image).rectangle(box, fill=1)
    return np.asarray(image)


def i_beam(left: int, right: int, row: int = 30, tall: int = 9, wide: int = 1) -> list[tuple[int, int, int, int]]:
    """The line and the two ticks of a bar; the ticks' outer columns are ``left`` and ``right``."""
    first, last = (left, row - tall, left + wide - 1, row + tall), (right - wide + 1, row - tall, right, row + tall)
    return [(left, row, right, row + wide - 1), first, last]


def writing(text: str, size: int) -> np.ndarray:
    image = Image.new("L", (1024, 60))
    ImageDraw.Draw(image).text((20, 8), text, fill=255, font=ImageFont.load_default(size=size))
    return np.asarray(image) > 120


@pytest.mark.parametrize("style", STYLES)
def test_nine_in_ten_drawn_bars_are_right_and_none_is_wrong(style: str) -> None:
    bands = [draw_band(seed, style) for seed in range(DRAWN)]
    lengths = [(found_in(band), band.length) for band in bands]
    known = [(found, true) for found, true in lengths if found is not None]
    assert all(abs(found - true) <= max(1, 0.02 * true) for found, true in known), known
    assert len(known) >= DRAWN - 1


def test_a_band_without_a_bar_has_no_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn_bands, "_bar", lambda *given: (0, ""))
    assert [found_in(draw_band(seed)) for seed in range(2 * DRAWN)] == [None] * 2 * DRAWN


@pytest.mark.parametrize(
    ("name", "length"),
    [("bar_short_ibeam_27px", 27), ("bar_ibeam_77px_white_band", 77), ("bar_ibeam_68px_framed", 68)],
)
def test_short_framed_and_black_bars_of_real_layouts_are_right(case_files: Path, name: str, length: int) -> None:
    found = find_data_bar(np.asarray(Image.open(case_files / f"{name}.jpg").convert("L")))
    assert found is not None
    assert found.bar_pixels == length


def test_thick_ticks_as_of_real_zeiss_images_agree_with_the_metadata_to_two_per_cent() -> None:
    """200 nm and 300 nm at 7.344 nm per pixel, in the columns of the BAM images; 4 µm at 7.7083 nm, as FEI draws it."""
    assert bar_length(ink(*i_beam(889, 917, wide=2))) == pytest.approx(200 / 7.344, rel=0.02)
    assert bar_length(ink(*i_beam(889, 931, wide=2))) == pytest.approx(300 / 7.344, rel=0.02)
    assert bar_length(ink(*i_beam(448, 966, wide=2))) == pytest.approx(4000 / 7.70833, rel=0.02)


def test_a_tick_of_one_pixel_belongs_to_the_bar() -> None:
    assert bar_length(ink(*i_beam(889, 915))) == 27


def test_two_bars_give_no_length() -> None:
    assert bar_length(ink(*i_beam(100, 180), *i_beam(500, 560))) is None
    assert bar_length(ink((100, 30, 180, 32), (500, 20, 590, 22))) is None


def test_a_bar_with_ticks_wins_over_a_rule() -> None:
    assert bar_length(ink(*i_beam(100, 179), (500, 20, 590, 20))) == 80


@pytest.mark.parametrize(
    "shapes",
    [
        [(100, 10, 180, 10), (100, 50, 180, 50), (100, 10, 100, 50), (180, 10, 180, 50)],
        [(100, 0, 100, 59), (180, 0, 180, 59), (100, 30, 180, 30)],
        [(100, 30, 180, 30), (100, 20, 100, 40)],
        [(0, 30, 80, 30)],
        [(100, 20, 180, 50)],
        [(10, 30, 900, 30)],
    ],
    ids=["box", "cell of a table", "one tick", "line from the border", "filled box", "rule"],
)
def test_other_shapes_are_no_bar(shapes: list[tuple[int, int, int, int]]) -> None:
    assert bar_length(ink(*shapes)) is None


@pytest.mark.parametrize("size", [12, 18, 26, 40])
@pytest.mark.parametrize(
    "text", ["EHT = HHH H 5", "illlli ||||||||||| 111111111111", "a ___ b __ -- --- = == ≡ T F E", "HITACHI SE(U) TTL"]
)
def test_letters_are_no_bar(text: str, size: int) -> None:
    assert bar_length(writing(text, size)) is None
