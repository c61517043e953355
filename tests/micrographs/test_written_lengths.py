"""A text is a length only where it can mean nothing else."""

import pytest

from microdb.micrographs.scale.lettering import Length, length_in


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("200 nm", 200, "nm"),
        ("200nm", 200, "nm"),
        (" 1 µm ", 1, "µm"),
        ("1 \u03bcm", 1, "µm"),
        ("1 \u00b5m", 1, "µm"),
        ("20 um", 20, "µm"),
        ("5 UM", 5, "µm"),
        ("2.00um", 2, "µm"),
        ("0,5 µm", 0.5, "µm"),
        ("2,5 µm", 2.5, "µm"),
        ("1 000 nm", 1000, "nm"),
        ("1000 nm", 1000, "nm"),
        ("12.5 µm", 12.5, "µm"),
        ("1 mm", 1, "mm"),
    ],
)
def test_a_number_with_a_unit_of_length_is_read(text: str, amount: float, unit: str) -> None:
    assert length_in(text) == Length(amount, unit)


@pytest.mark.parametrize(
    "text",
    [
        "", "nm", "200", "µm", "2.00 m", "20 pm", "5 Mm", "5 nM", "10 kV", "WD = 8.2 mm", "8.2 mm x10.0k", "x10.0k",
        "1,000 µm", "05 µm", "0 nm", "000 nm", "1234 nm", "10.05 µm", "1 00 nm", "1.2.3 µm", "l µm", "-5 µm", "10µ",
    ],
)  # fmt: skip
def test_anything_else_is_no_length(text: str) -> None:
    assert length_in(text) is None


def test_lengths_in_different_units_are_compared_in_micrometres() -> None:
    assert length_in("1000 nm").micrometres == length_in("1 µm").micrometres == 1  # type: ignore[union-attr]
    assert length_in("2 mm").micrometres == 2000  # type: ignore[union-attr]
