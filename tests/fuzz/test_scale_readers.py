"""The readers of vendors' blocks, sidecars and headers."""

import io
import json
from dataclasses import asdict
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from microdb.file_names import SIDECAR_ENDINGS
from microdb.micrographs.files.floods import check_parts
from microdb.micrographs.files.header import read_header
from microdb.micrographs.reading.measuring import measure_file
from microdb.micrographs.scale.found import Extent, ScaleFound
from microdb.micrographs.scale.microscope import MicroscopeData, read_microscope_data
from microdb.micrographs.scale.sidecar import MOST_BYTES, Sidecar
from microdb.micrographs.scale.units import length, micrometres, number
from microdb.scale_bounds import is_possible_scale
from tests.fuzz import layouts
from tests.fuzz.bounds import answer
from tests.fuzz.mutations import ENCODINGS, NUMBERS, encoded, mutated_bytes, mutated_text

PICTURE = Extent(64, 48)
files = cache(layouts.tiffs)


def check_found(found: MicroscopeData) -> None:
    """It can be stored: a possible scale or none, texts, and a record that is JSON of limited size."""
    scale = found.scale
    assert isinstance(scale, ScaleFound)
    assert scale.pixels_per_micrometre is None or is_possible_scale(scale.pixels_per_micrometre)
    assert isinstance(scale.note, str)
    stored = found.acquisition.bounded(with_operator=True)
    text = json.dumps(asdict(stored), allow_nan=False)
    assert len(text) < 2**17
    assert "\\u0000" not in json.dumps(stored.record).replace("\\\\", "")
    for column in (stored.detector, stored.instrument, stored.date, stored.operator):
        assert len(column) <= 100
        column.encode()


@given(st.data())
def test_any_file_of_a_layout_gives_a_possible_scale_or_none(data: st.DataObject) -> None:
    content = data.draw(mutated_bytes(files()))
    found = answer(lambda: read_microscope_data(io.BytesIO(content), 0, PICTURE, None))
    if found is not None:
        check_found(found)


@given(st.sampled_from(layouts.texts_of_tags()), st.data(), ENCODINGS)
def test_any_text_in_a_vendors_tag_gives_a_possible_scale_or_none(
    layout: tuple[int, int, str], data: st.DataObject, encoding: str
) -> None:
    code, kind, text = layout
    content = layouts.tagged(code, kind, encoded(data.draw(mutated_text([text])), encoding) + b"\0")
    found = answer(lambda: read_microscope_data(io.BytesIO(content), 0, PICTURE, None))
    if found is not None:
        check_found(found)


@given(mutated_text(layouts.SIDECARS), ENCODINGS, st.sampled_from(SIDECAR_ENDINGS), st.binary(max_size=20))
def test_any_sidecar_gives_a_possible_scale_or_none(text: str, encoding: str, ending: str, tail: bytes) -> None:
    content = (encoded(text, encoding) + tail)[:MOST_BYTES]
    picture = io.BytesIO(layouts.tagged(270, 2, b"a picture\0"))
    found = answer(lambda: read_microscope_data(picture, 0, PICTURE, Sidecar(f"a{ending}", content)))
    check_found(found)


@given(mutated_bytes([*layouts.pictures(), *layouts.tiffs()[:8]]))
def test_any_file_is_read_whole_or_refused(content: bytes) -> None:
    header = answer(read_header, io.BytesIO(content))
    if header is None:
        return
    answer(check_parts, io.BytesIO(content), header.file_format)
    measured = answer(measure_file, io.BytesIO(content))
    if measured is not None:
        assert measured.width > 0
        assert measured.height > 0
        assert measured.display.startswith(b"\x89PNG")


@given(st.one_of(st.sampled_from(NUMBERS), st.text(max_size=40)), st.text(max_size=12))
def test_any_text_is_a_length_or_none(text: str, unit: str) -> None:
    for found in (answer(length, text, unit), answer(micrometres, unit), answer(number, text)):
        assert found is None or isinstance(found, float)
