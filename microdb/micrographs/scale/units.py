"""Lengths and numbers, as instruments and people write them."""

import math
import re
import unicodedata

MICROMETRES = {"m": 1e6, "cm": 1e4, "mm": 1e3, "µm": 1.0, "nm": 1e-3, "pm": 1e-6, "å": 1e-4}
ALIASES = {
    "um": "µm",
    "µ": "µm",
    "âµm": "µm",
    "î1⁄4m": "µm",
    "\\u00b5m": "µm",
    "\\u03bcm": "µm",
    "&#181;m": "µm",
    "&#956;m": "µm",
    "micron": "µm",
    "angstrom": "å",
    "angström": "å",
    "ångstrom": "å",
    "ångström": "å",
    "\\u00c5": "å",
}
"""A micrometre with a Latin u, in UTF-8 read as Latin-1, or with an escape that nobody decoded."""
GREEK_MU = "\u03bc"
"""Which NFKC makes of the micro sign too."""
PREFIXES = {"": "m", "centi": "cm", "milli": "mm", "micro": "µm", "mikro": "µm", "nano": "nm", "pico": "pm"}
SPELT_OUT = {f"{prefix}{word}": unit for prefix, unit in PREFIXES.items() for word in ("meter", "metre")}
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
"""1,024: a thousand and twenty-four, or one and a little."""
QUANTITY = re.compile(r"\s*([+-]?[\d.,]+(?:[eE][+-]?\d+)?)\s*([^\d\s].*)?", re.DOTALL)


def micrometres(unit: str) -> float | None:
    """How many micrometres one of this unit has, also of “nm/pixel”; None where the unit is unknown."""
    name = re.split(r"/|\sper\s", unit)[0].strip(" \t\r\n\0[]()")
    name = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", name).lower()).replace(GREEK_MU, "µ")
    for one in (name, name.removesuffix("s") if len(name) > 3 else name):  # “ms” is no plural
        found = MICROMETRES.get(ALIASES.get(one, SPELT_OUT.get(one, one)))
        if found is not None:
            return found
    return None


def number(value: object) -> float:
    """A number, also with a decimal comma; NaN where the text is none or could mean two."""
    text = str(value).strip()
    if isinstance(value, bool) or "_" in text:
        return math.nan
    if DECIMAL_COMMA.fullmatch(text) and not GROUPED.fullmatch(text):
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return math.nan


def quantity(value: object, unit: str = "") -> tuple[float, str]:
    """Number and unit of “25 nm”; ``unit`` is the unit of a bare number. NaN where there is no number."""
    found = QUANTITY.fullmatch(str(value))
    if found is None:
        return number(value), unit
    return number(found.group(1)), (found.group(2) or unit).strip()


def length(value: object, unit: str = "") -> float | None:
    """Micrometres of “25 nm”, or of 25 with ``unit`` nm; None for an unknown unit, NaN where there is no number."""
    amount, own = quantity(value, unit)
    factor = micrometres(own)
    return None if factor is None else amount * factor


def stated(value: object, unit: str) -> str:
    """A value as the file states it, with the unit that the format gives to bare numbers."""
    own = quantity(value, unit)[1]
    return str(value) if str(value).rstrip().endswith(own) else f"{value} {unit}"
