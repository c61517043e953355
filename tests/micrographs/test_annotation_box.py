"""Annotation boxes are found in each style, or not at all; pictures without one get none."""

import numpy as np
import pytest
from PIL import Image

from classifier import DRAWN_CLASSES, SCALE_RANGES, draw_micrograph
from microdb.micrographs.files.annotation_box import Box, find_annotation_boxes
from microdb.micrographs.files.data_bar import find_data_bar
from tests.conftest import SHARED
from tests.micrographs.drawn_bands import draw_band
from tests.micrographs.drawn_boxes import STYLES, draw_boxed

SLACK = 4
"""Pixels by which an edge may be off: JPEG blurs it."""


def found_in(pixels: np.ndarray) -> list[Box]:
    bar = find_data_bar(pixels)
    return find_annotation_boxes(pixels[: bar.top] if bar else pixels)


def is_right(box: Box, place: tuple[int, int, int, int]) -> bool:
    edges = (box.x, box.y, box.x + box.width, box.y + box.height)
    wanted = (place[0], place[1], place[0] + place[2], place[1] + place[3])
    return bool(np.abs(np.subtract(edges, wanted)).max() <= SLACK)


@pytest.mark.parametrize("style", STYLES)
def test_a_box_is_found_where_it_is_or_not_at_all(style: str):
    drawn = [draw_boxed(seed, style) for seed in range(100, 112)]
    found = [found_in(one.pixels) for one in drawn]
    assert all(len(boxes) <= 1 for boxes in found)
    right = [bool(boxes) and is_right(boxes[0], one.box) for boxes, one in zip(found, drawn, strict=True)]
    assert [bool(boxes) for boxes in found] == right
    assert sum(right) >= 10


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_a_box_is_found_in_deep_pixels_too(dtype: type):
    drawn = draw_boxed(3, "corner")
    (box,) = found_in(drawn.pixels.astype(dtype) * 200)
    assert is_right(box, drawn.box)


def test_two_boxes_are_found():
    first = draw_boxed(3, "corner")
    x, y, width, height = first.box
    pixels = first.pixels.copy()
    pixels[: height + 2, : width + 2] = 128
    pixels[3 : 3 + height, 5 : 5 + width] = first.pixels[y : y + height, x : x + width]
    assert len(found_in(pixels)) == 2


@pytest.mark.parametrize("material", DRAWN_CLASSES)
def test_drawn_micrographs_have_no_box(material: str):
    scale = float(np.sqrt(np.prod(SCALE_RANGES[material])))
    for seed in range(3):
        assert found_in(draw_micrograph(material, pixels_per_micrometre=scale, seed=seed)) == []


def test_a_data_bar_is_no_box():
    assert [found_in(draw_band(seed).pixels) for seed in range(20)] == [[]] * 20


def test_a_saturated_phase_with_a_bright_particle_is_no_box():
    pixels = draw_micrograph("pearlite", pixels_per_micrometre=10.0, seed=1)
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    dark = (x - 60) ** 2 + (y - pixels.shape[0] + 50) ** 2 < 60**2
    pixels = np.where(dark, 0, pixels)
    pixels[-60:-50, 50:60] = 255
    assert found_in(pixels) == []


def test_a_blank_or_tiny_picture_has_no_box():
    assert find_annotation_boxes(np.full((400, 400), 7, np.uint8)) == []
    assert find_annotation_boxes(np.eye(20, dtype=np.uint8)) == []


@pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.slow)], ids=["some", "all"])
@pytest.mark.parametrize("folder", ["uhcs", "unknowns"])
def test_real_micrographs_have_no_box(folder: str, step: int):
    """Checked by eye: none of these pictures has an annotation box."""
    files = sorted((SHARED / "data" / folder).rglob("*.png"))[::step]
    if not files:
        pytest.skip(f"../shared/data/{folder} is not here")
    assert [path.name for path in files if found_in(np.asarray(Image.open(path).convert("L")))] == []
