"""Compositions and heat treatments, between the text that people write and the numbers that lists filter by.

Needs no Django.
"""

from microdb.metallurgy.composition import (
    Composition,
    checked_composition,
    composition_text,
    parse_amount,
    parse_composition,
    refuse_unit,
)
from microdb.metallurgy.elements import element_symbol
from microdb.metallurgy.heat_treatment import COOLINGS, Step, parse_heat_treatment, treatment_text

__all__ = [
    "COOLINGS",
    "Composition",
    "Step",
    "checked_composition",
    "composition_text",
    "element_symbol",
    "parse_amount",
    "parse_composition",
    "parse_heat_treatment",
    "refuse_unit",
    "treatment_text",
]
