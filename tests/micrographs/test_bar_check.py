"""Micron bar and scale on record are compared within what clicks and whole pixels explain."""

import pytest

from microdb.micrographs.scale.bar_check import agree, written_length


def test_scales_within_three_per_cent_agree() -> None:
    assert agree(100, 102.9, bar_pixels=200)
    assert agree(102.9, 100, bar_pixels=200)
    assert not agree(100, 104, bar_pixels=200)
    assert not agree(104, 100, bar_pixels=200)


def test_a_pixel_and_a_half_more_or_less_is_allowed_on_a_short_bar() -> None:
    assert agree(100, 105, bar_pixels=27)
    assert not agree(100, 107, bar_pixels=27)


@pytest.mark.parametrize(
    ("micrometres", "written"), [(0.2, "200 nm"), (1, "1 µm"), (2.504, "2.5 µm"), (1500, "1.5 mm"), (0.0004, "0.4 nm")]
)
def test_a_length_is_written_as_a_micron_bar_writes_it(micrometres: float, written: str) -> None:
    assert written_length(micrometres) == written
