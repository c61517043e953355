"""Micron bar and scale on record are compared within what clicks and whole pixels explain."""

import pytest

from microdb.micrographs.scale.bar_check import agree, written_length


def test_scales_within_three_per_cent_agree() -> None:
    assert agree(100, 102.9)
    assert agree(102.9, 100)
    assert not agree(100, 104)
    assert not agree(104, 100)


@pytest.mark.parametrize(
    ("micrometres", "written"), [(0.2, "200 nm"), (1, "1 µm"), (2.504, "2.5 µm"), (1500, "1.5 mm"), (0.0004, "0.4 nm")]
)
def test_a_length_is_written_as_a_micron_bar_writes_it(micrometres: float, written: str) -> None:
    assert written_length(micrometres) == written
