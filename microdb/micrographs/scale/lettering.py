"""The length that is written at a micron bar, as a recogniser of characters reads it."""

import math
import re
import unicodedata
from dataclasses import dataclass

from microdb.micrographs.scale.units import GREEK_MU, MICROMETRES, number

UNITS = {"nm": "nm", "NM": "nm", "µm": "µm", "um": "µm", "UM": "µm", "mm": "mm", "MM": "mm"}
"""How makers write the units of their bars. No bar is as short as a picometre: “pm” is a misread µm, or no length."""
WRITTEN = re.compile(r"(\d{1,4}|\d{1,3}(?: \d{3})+|\d{1,4}[.,]\d{1,3}) ?([A-Za-zµ]{2})")
MOST_DIGITS = 3
"""Significant ones: bars have round lengths."""


@dataclass(frozen=True)
class Length:
    """A length as it is written: the number and its unit, nm, µm or mm."""

    amount: float
    unit: str

    @property
    def micrometres(self) -> float:
        return self.amount * MICROMETRES[self.unit]


def length_in(text: str) -> Length | None:
    """The length that a text is; None for every other text, and for one that can mean two lengths, as “1,000 µm”."""
    text = unicodedata.normalize("NFKC", text).replace(GREEK_MU, "µ").strip()
    found = WRITTEN.fullmatch(text)
    if found is None or found[2] not in UNITS:
        return None
    digits = found[1].replace(" ", "")
    amount = number(digits)
    if not math.isfinite(amount) or amount <= 0 or not _is_round(digits):
        return None
    return Length(amount, UNITS[found[2]])


def _is_round(digits: str) -> bool:
    """Whether it has few significant digits, and no zero before others than a decimal sign."""
    bare = re.sub("[.,]", "", digits)
    return len(bare.strip("0")) <= MOST_DIGITS and not re.match(r"0\d", digits)
