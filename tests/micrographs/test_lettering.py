"""The length at a micron bar is read right, or not at all: the recogniser itself, and what counts as certain."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reportlab
from PIL import Image, ImageDraw, ImageFont

from microdb.micrographs.files.data_bar import find_data_bar
from microdb.micrographs.files.micron_bar.writing import has_low_mark
from microdb.micrographs.reading.child_process import ChildProcess
from microdb.micrographs.reading.lettering import LengthRead, certain_length
from microdb.micrographs.reading.measuring import measure_file
from microdb.micrographs.scale.lettering import length_in
from tests.micrographs.conftest import encoded
from tests.micrographs.drawn_bands import Band, draw_band

FONTS = Path(reportlab.__file__).parent / "fonts"
TYPEFACES = {"Vera": "Vera.ttf", "Vera Bold": "VeraBd.ttf", "Vera Italic": "VeraIt.ttf"}
LABELS = [
    "200 nm",
    "1 µm",
    "2.00um",
    "10 µm",
    "500nm",
    "0.5 µm",
    "2,5 µm",
    "1 000 nm",
    "100 µm",
    "1 mm",
    "20 um",
    "3 µm",
]
DRAWN = 8
"""Bands in each typeface."""
NO_WAY_OUT = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}


@pytest.fixture(scope="module")
def child() -> ChildProcess:
    """One recogniser for all; it has no way to the network."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NO_WAY_OUT.items():
            patch.setenv(name, value)
        started = ChildProcess("microdb.micrographs.reading.lettering_server")
        started.ask({"pictures": []}, seconds=60)
    return started


def png(gray: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(gray).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def read(child: ChildProcess, pixels: np.ndarray) -> LengthRead | None:
    found = find_data_bar(pixels)
    pictures = [png(text) for text in found.texts] if found else []
    return certain_length(child.ask({"pictures": pictures}, seconds=60)["texts"])


def is_right(found: LengthRead, band: Band) -> bool:
    return found.length == length_in(band.label)


@pytest.mark.parametrize("typeface", TYPEFACES)
def test_most_drawn_lengths_are_right_and_none_is_wrong(child: ChildProcess, typeface: str) -> None:
    bands = [draw_band(seed, typeface=str(FONTS / TYPEFACES[typeface]), labels=LABELS) for seed in range(DRAWN)]
    found = [(read(child, band.pixels), band) for band in bands]
    known = [(one, band) for one, band in found if one is not None]
    assert [(one, band.label) for one, band in known if not is_right(one, band)] == []
    assert len(known) >= DRAWN - 2


def test_a_typeface_without_the_sign_gives_no_length(child: ChildProcess) -> None:
    """Pillow's own draws a box for µ, which must not become a metre or nothing."""
    assert [read(child, draw_band(seed, labels=["5 µm"]).pixels) for seed in range(4)] == [None] * 4


@pytest.mark.parametrize(
    ("name", "written"),
    [("bar_short_ibeam_27px", "200 nm"), ("bar_ibeam_77px_white_band", "200 um"), ("bar_ibeam_68px_framed", "40 um")],
)
def test_real_bands_are_right(child: ChildProcess, case_files: Path, name: str, written: str) -> None:
    found = read(child, np.asarray(Image.open(case_files / f"{name}.jpg").convert("L")))
    assert found is not None
    assert found.text == written


def test_a_comma_or_point_is_a_low_mark() -> None:
    assert has_low_mark(written("2.5 um") > 60)
    assert has_low_mark(written("2,5 um") > 60)
    assert not has_low_mark(written("25 um") > 60)


def written(text: str) -> np.ndarray:
    image = Image.new("L", (120, 40))
    ImageDraw.Draw(image).text((8, 8), text, fill=255, font=ImageFont.truetype(str(FONTS / "Vera.ttf"), 18))
    return np.asarray(image)


def test_texts_are_measured_with_the_file() -> None:
    band = draw_band(0, "i_beam", typeface=str(FONTS / "Vera.ttf"), labels=["200 nm"])
    measured = measure_file(io.BytesIO(encoded(band.pixels, "PNG")))
    assert measured.lettering
    first = Image.open(io.BytesIO(base64.b64decode(measured.lettering[0])))
    assert first.mode == "L"
    assert first.height < band.pixels.shape[0] - band.top


def reading(text: str, certainty: float | Sequence[float] = 0.99) -> dict[str, Any]:
    each = [certainty] * len(text) if isinstance(certainty, float) else list(certainty)
    return {"text": text, "certainty": each}


def both(text: str, certainty: float | Sequence[float] = 0.99, *, low_mark: bool = False) -> dict[str, Any]:
    """The response for one picture, alike in both polarities."""
    return {"readings": [reading(text, certainty)] * 2, "low_mark": low_mark}


def test_a_length_that_both_readings_give_is_certain() -> None:
    found = certain_length([both("WD = 8.2 mm"), both("10 µm", 0.97), both("SEM")])
    assert found is not None
    assert (found.text, found.confidence) == ("10 µm", 0.97)


@pytest.mark.parametrize(
    "readings",
    [
        [],
        [both("10 µm"), both("8.2 mm")],
        [both("10 µm"), both("8.2 mm", 0.5)],
        [{"readings": [reading("10 nm"), reading("10 µm")], "low_mark": False}],
        [{"readings": [reading("10 µm"), reading("")], "low_mark": False}],
        [both("25 µm", low_mark=True)],
        [both("10 µm", 0.9)],
        [both("10 µm", [0.99, 0.99, 0.99])],
        [both("10 µm", [0.99, 0.99, 0.99, 0.2, 0.99])],
    ],
    ids=[
        "no text", "two lengths", "another, uncertain length", "polarities differ", "one is empty",
        "a mark that was not read", "uncertain",
        "certainties of another text", "uncertain sign",
    ],
)  # fmt: skip
def test_everything_else_is_no_length(readings: list[dict[str, Any]]) -> None:
    assert certain_length(readings) is None


def test_the_mark_of_a_decimal_sign_that_was_read_is_no_doubt() -> None:
    assert certain_length([both("2.5 µm", low_mark=True)]) is not None


def test_spaces_and_the_two_micro_signs_count_little() -> None:
    assert certain_length([both("10 µm", [0.99, 0.99, 0.4, 0.5, 0.99])]) is not None
