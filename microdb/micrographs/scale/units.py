"""Lengths and numbers, as instruments and people write them."""

import math
import re

MICROMETRES = {"m": 1e6, "cm": 1e4, "mm": 1e3, "µm": 1.0, "nm": 1e-3, "pm": 1e-6, "å": 1e-4}
ALIASES = {"um": "µm", "μm": "µm", "\\u00b5m": "µm", "micron": "µm", "angstrom": "å", "angström": "å", "\\u00c5": "å"}
"""A micrometre with a Latin u, with a Greek mu, or with an escape that nobody decoded."""
PREFIXES = {"": "m", "centi": "cm", "milli": "mm", "micro": "µm", "nano": "nm", "pico": "pm"}
SPELT_OUT = {f"{prefix}{word}": unit for prefix, unit in PREFIXES.items() for word in ("meter", "metre")}
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
"""1,024: a thousand and twenty-four, or one and a little."""


def micrometres(unit: str) -> float | None:
    """How many micrometres one of this unit has; None where the unit is unknown."""
    name = unit.strip().lower()
    for one in (name, name.removesuffix("s")):
        found = MICROMETRES.get(ALIASES.get(one, SPELT_OUT.get(one, one)))
        if found is not None:
            return found
    return None


def number(value: object) -> float:
    """A number, also with a decimal comma; NaN where the text is none or could mean two."""
    if isinstance(value, bool):
        return math.nan
    text = str(value).strip()
    if DECIMAL_COMMA.fullmatch(text) and not GROUPED.fullmatch(text):
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return math.nan
