"""Heat treatments as people write them; several are labels of the UHCS database."""

import pytest

from microdb.errors import MicroDBError
from microdb.metallurgy import Step, parse_heat_treatment, treatment_text


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("970 °C, 90 min, quenched in water", "970 °C, 90 min, quenched in water"),
        ("970C 90M Q", "970 °C, 90 min, quenched"),
        ("970C 90M WQ 180C 2H AC", "970 °C, 90 min, quenched in water; 180 °C, 2 h, air-cooled"),
        ("AC1 970C 90M 65C 4H FC", "970 °C, 90 min, AC1; 65 °C, 4 h, furnace-cooled"),
        ("AC 800C 8H Q", "800 °C, 8 h, quenched, AC"),
        ("800C 900C 970C 90M Q", "800 °C; 900 °C; 970 °C, 90 min, quenched"),
        ("970 °C/90 min/WQ", "970 °C, 90 min, quenched in water"),
        ("970 °C -> 180 °C + 600 °C", "970 °C; 180 °C; 600 °C"),
        ("970 °C 90 min\n180 °C 2 h", "970 °C, 90 min; 180 °C, 2 h"),
        ("1243 K 1,5 h oil-quenched then tempered at 180 °C", "969.85 °C, 90 min, quenched in oil; 180 °C, tempered"),
        ("1778 °F for 30 s", "970 °C, 30 s"),
        ("-196 °C 24 h", "-196 °C, 24 h"),
        ("water quench from 970 °C", "970 °C, quenched in water"),
        ("water-cooled from 970 °C", "970 °C, quenched in water"),
        ("970C 90M air", "970 °C, 90 min, air-cooled"),
        ("970 °C 90 min in air", "970 °C, 90 min, in air"),
        ("cooled at 10 K/s from 900 °C", "900 °C, cooled, 10 K/s"),
        (
            "austenitized at 970 °C for 90 min in vacuum and quenched in water",
            "970 °C, 90 min, quenched in water, austenitized, in vacuum",
        ),
        ("900 °C, slow cooling in the furnace", "900 °C, furnace-cooled, slow"),
        ("5 % H2 at 900 °C", "900 °C, 5 % H2"),
        ("90 min. @ 970 ºC", "970 °C, 90 min"),
        ("tempered 2 × 2 h at 550 °C", "550 °C, 2 h, tempered 2"),
        ("970 °C in 10^-5 mbar", "970 °C, in 10^-5 mbar"),
        ("as received", "as received"),
        ("", ""),
    ],
)
def test_steps_are_understood_and_the_rest_is_kept_as_a_note(text: str, understood: str) -> None:
    assert treatment_text(parse_heat_treatment(text)) == understood


def test_a_step_is_stored_without_what_is_not_known() -> None:
    (step,) = parse_heat_treatment("970 °C, quenched")
    assert step.as_json() == {"celsius": 970.0, "cooling": "quenched"}
    assert Step.from_json(step.as_json()) == step


@pytest.mark.parametrize("text", ["970", "970, quenched", "970 WQ", "AC1 970 5M FC", "850-900 °C", "90 min at 970"])
def test_a_number_without_a_unit_is_refused(text: str) -> None:
    with pytest.raises(MicroDBError, match=r"“(970|850)” has no unit. Write a temperature as 970 °C") as caught:
        parse_heat_treatment(text)
    assert caught.value.code == "bad_heat_treatment"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1,100 °C", "can be read in two ways"),
        ("1.100 °C", "can be read in two ways"),
        ("5000 °C", "no possible temperature"),
        ("-300 °C", "no possible temperature"),
        ("970 °C, 0 min", "no possible time"),
        ("970 °C, " + "x" * 1000, "at most 1,000 characters"),
    ],
)
def test_what_cannot_be_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(MicroDBError, match=sentence):
        parse_heat_treatment(text)
