"""Compositions as people write them."""

import time

import pytest

from microdb.errors import MicroDBError
from microdb.metallurgy import checked_composition, composition_text, element_symbol, parse_amount, parse_composition


@pytest.mark.parametrize(
    ("text", "composition"),
    [
        ("C 0.9, Mn 0.5", {"C": 0.9, "Mn": 0.5}),
        ("C 0,9; Mn 0,5", {"C": 0.9, "Mn": 0.5}),
        ("C 0,9, Mn 0,5", {"C": 0.9, "Mn": 0.5}),
        ("C: 0.9 wt.%, Cr=1.5", {"Cr": 1.5, "C": 0.9}),
        ("0.9 % C, 1.5 wt% Cr", {"Cr": 1.5, "C": 0.9}),
        ("0.9C 1.5Cr", {"Cr": 1.5, "C": 0.9}),
        ("C 0.9\nMn 0.5", {"C": 0.9, "Mn": 0.5}),
        ("c 0.9 mn 0.5 FE rest", {"Fe": 98.6, "C": 0.9, "Mn": 0.5}),
        ("C 0.9, Fe balance", {"Fe": 99.1, "C": 0.9}),
        ("bal. Fe, 0.9 C", {"Fe": 99.1, "C": 0.9}),
        ("Fe-0.9C-1.5Cr", {"Fe": 97.6, "Cr": 1.5, "C": 0.9}),
        ("Ti-6Al-4V", {"Ti": 90, "Al": 6, "V": 4}),
        ("C 0", {"C": 0}),
        ("", {}),
    ],
)
def test_a_composition_is_read_and_its_own_text_is_read_to_the_same(text: str, composition: dict[str, float]) -> None:
    found = parse_composition(text)
    assert found == composition
    assert list(found) == list(composition)
    assert parse_composition(composition_text(found)) == found


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("C 60, Fe 60", "adds up to 120 %, more than 100 %"),
        ("C 120", "from 0 to 100 mass percent; 120"),
        ("C -0.9", "from 0 to 100 mass percent; -0.9"),
        ("Fe 100, C balance", "more than 100 %"),
        ("Xx 1", "“Xx” is not the symbol of a chemical element"),
        ("Carbon 0.9", "“Carbon” is not the symbol"),
        ("C 0.9, C 0.8", "names C twice"),
        ("Fe bal, C bal", "Only one element can be the balance"),
        ("C 2 at%", "Amounts are in mass percent"),
        ("N 50 ppm", "Amounts are in mass percent"),
        ("C 0.9, hello", "“hello” can't be read"),
        ("C <0.005", "can't be read"),
        ("C" * 1001, "at most 1,000 characters"),
    ],
)
def test_an_impossible_composition_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(MicroDBError, match=sentence.replace("(", r"\(")) as caught:
        parse_composition(text)
    assert caught.value.code == "bad_composition"
    assert caught.value.message.endswith(".")


def test_amounts_that_add_up_to_a_little_more_than_100_by_rounding_are_taken() -> None:
    assert checked_composition({"Fe": 98.6, "C": 0.9, "Mn": 0.55}) == {"Fe": 98.6, "C": 0.9, "Mn": 0.55}
    with pytest.raises(MicroDBError):
        checked_composition({"Fe": 98.6, "C": 0.9, "Mn": 0.7})


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), "0.9", True, [1]])
def test_what_is_no_number_is_no_amount(amount: object) -> None:
    with pytest.raises(MicroDBError, match="from 0 to 100"):
        checked_composition({"C": amount})


@pytest.mark.parametrize(
    ("cell", "amount"), [("0.9", 0.9), ("0,9", 0.9), ("0.9 %", 0.9), ("1e-3", 1e-3), ("bal.", None)]
)
def test_a_cell_holds_an_amount_or_the_balance(cell: str, amount: float | None) -> None:
    assert parse_amount(cell, "C") == amount


@pytest.mark.parametrize("cell", ["<0.005", "n.d.", "1.234,5", "0.8-0.9"])
def test_a_cell_without_one_number_is_refused(cell: str) -> None:
    with pytest.raises(MicroDBError, match=r"The amount of C must be a number in mass percent"):
        parse_amount(cell, "C")


def test_a_symbol_is_read_in_any_case_and_a_number_column_is_no_element() -> None:
    assert [element_symbol(text) for text in ("c", "MN", " Fe ", "No", "Xx", "", "C 0")] == [
        "C", "Mn", "Fe", None, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["a" * 1000, "1" * 1000, "0" + "1," * 499, "-1" * 500])
def test_a_long_text_that_is_no_composition_is_refused_at_once(text: str) -> None:
    started = time.perf_counter()
    for _repeat in range(20):
        with pytest.raises(MicroDBError):
            parse_composition(text)
    assert time.perf_counter() - started < 0.5


def test_a_long_cell_that_is_no_amount_is_refused_at_once() -> None:
    started = time.perf_counter()
    with pytest.raises(MicroDBError):
        parse_amount("1" * 20_000 + "x", "C")
    assert time.perf_counter() - started < 0.5
