"""Annotation boxes: those that people and programs send, and those that are found."""

import json
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from microdb.micrographs.files.annotation_box import find_annotation_boxes
from microdb.micrographs.files.data_bar import find_data_bar
from microdb.micrographs.models import PLACE, Micrograph
from microdb.micrographs.validation.masked import checked_masked, masked_from_text, masked_text
from tests.fuzz.bounds import answer

SIDES = st.one_of(
    st.integers(-2, 70), st.sampled_from([2**31, 2**63, 10**40, True, None, 1.5, float("nan"), "3", [], {}])
)
BOX = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(PLACE, SIDES) | {"source": st.sampled_from(["found", "by_hand", "", "x", 1, None])}
)


@given(st.lists(BOX, max_size=12))
def test_any_boxes_are_taken_or_refused(boxes: list[dict[str, Any]]) -> None:
    found = answer(checked_masked, boxes, micrograph=Micrograph(filename="a.png", width=64, height=48))
    if found is None:
        return
    json.dumps(found)
    assert masked_from_text(masked_text(found)) == found
    covered = np.zeros((48, 64), bool)
    for box in found:
        covered[box["y"] : box["y"] + box["height"], box["x"] : box["x"] + box["width"]] = True
    assert covered.mean() <= 0.5


@given(st.text(max_size=200))
def test_any_text_of_boxes_is_read(text: str) -> None:
    for box in answer(masked_from_text, text):
        assert set(PLACE) < set(box)


@given(
    st.one_of(
        arrays(np.uint8, st.tuples(st.integers(1, 90), st.integers(1, 90)), elements=st.sampled_from([0, 128, 255])),
        arrays(np.uint16, st.tuples(st.integers(1, 60), st.integers(1, 60))),
        arrays(
            np.float32,
            st.tuples(st.integers(1, 40), st.integers(1, 40)),
            elements=st.floats(allow_nan=False, allow_infinity=False, width=32),
        ),
    )
)
def test_boxes_and_bars_of_any_picture_are_inside_it(pixels: np.ndarray) -> None:
    height, width = pixels.shape
    for box in answer(find_annotation_boxes, pixels):
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= width
        assert box.y + box.height <= height
    bar = answer(find_data_bar, pixels)
    assert bar is None or 0 < bar.top < height
