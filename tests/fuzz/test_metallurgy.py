"""The grammars of compositions and heat treatments."""

import math

from hypothesis import given
from hypothesis import strategies as st

from microdb.metallurgy import (
    Step,
    composition_text,
    parse_amount,
    parse_composition,
    parse_heat_treatment,
    treatment_text,
)
from microdb.metallurgy.composition import MOST_CHARACTERS
from tests.fuzz.bounds import answer
from tests.fuzz.mutations import NUMBERS, mutated_text

COMPOSITIONS = [
    *("C 0.9, Mn 0.5, Fe balance", "0.9 % C, 0.5 % Mn", "Fe-0.9C-1.5Cr", "C: 0,9 wt%; Cr=1.5 wt.%", "Fe rem. 1.5 ppm"),
    *("bal. Fe, 0.9C", "Ti-6Al-4V", "c 0.9 at%", "C" * 900, "1." * 400, "C 1 " * 200, "Fe-1C" * 150),
]
TREATMENTS = [
    *("970 °C, 90 min, quenched in water; 180 °C, 2 h, air-cooled", "970C 90M WQ 180C 2H AC", "1243 K for 5400 s, oil"),
    *(
        "austenitised at 1780 °F then cooled in the furnace",
        "10 K/s to 300 °C",
        "AC4C cast",
        "970 °C → 25 °C",
        "1,234 h",
    ),
    *("1 " * 450, "cooled " * 130, "air " * 240, "1C" * 450, "quench" * 150),
]


@given(st.one_of(mutated_text(COMPOSITIONS), st.text(max_size=MOST_CHARACTERS + 10)))
def test_any_composition_is_read_or_refused_and_read_again_alike(text: str) -> None:
    found = answer(parse_composition, text)
    if found is None:
        return
    assert all(math.isfinite(amount) and 0 <= amount <= 100 for amount in found.values())
    if found:
        again = parse_composition(composition_text(found))
        assert set(again) == set(found)
        assert all(math.isclose(again[element], amount, abs_tol=1e-6) for element, amount in found.items())


@given(st.one_of(mutated_text(TREATMENTS), st.text(max_size=MOST_CHARACTERS + 10)))
def test_any_heat_treatment_is_read_or_refused(text: str) -> None:
    found = answer(parse_heat_treatment, text)
    for step in found or []:
        assert Step.from_json(step.as_json()) == step
        assert step.celsius is None or math.isfinite(step.celsius)
        assert step.minutes is None or math.isfinite(step.minutes)
    answer(parse_heat_treatment, treatment_text(found or []))


@given(st.one_of(st.sampled_from(NUMBERS), st.text(max_size=20)))
def test_any_amount_is_read_or_refused(text: str) -> None:
    found = answer(parse_amount, text, "C")
    assert found is None or isinstance(found, float)
