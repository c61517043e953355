"""Numbers with a decimal point or a decimal comma, read where only one reading is possible."""

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
"""12,345 is twelve thousand or a bit more than twelve; 0,345 and 12,34 can only be read in one way."""


@dataclass
class NumberStyle:
    """How the numbers of one table are written. ``learn`` every number first; what the others show decides 12,345."""

    comma_expected: bool
    """Whether semicolons separate the cells, as where people write a decimal comma."""
    points: bool = False
    commas: bool = False
    decimal_comma: bool = False
    """Whether a number has been seen whose comma can only be a decimal comma."""

    def learn(self, text: str) -> None:
        self.points = self.points or "." in text
        self.commas = self.commas or "," in text
        plain = "," in text and _NUMBER.fullmatch(text) is not None and _GROUPED.fullmatch(text) is None
        self.decimal_comma = self.decimal_comma or plain

    @property
    def reads_commas(self) -> bool:
        """Whether a comma in this table is a decimal comma."""
        return self.decimal_comma or (self.comma_expected and self.commas and not self.points)

    def number(self, text: str) -> float:
        """Raises ValueError for what is no number, AmbiguousNumberError for one that can be read in two ways."""
        if not _NUMBER.fullmatch(text):
            raise ValueError(text)
        if _GROUPED.fullmatch(text) and not self._is_clear(text):
            raise AmbiguousNumberError(text)
        return float(text.replace(",", "."))

    def _is_clear(self, text: str) -> bool:
        if "." in text:
            return not self.commas
        return not self.points and (self.decimal_comma or self.comma_expected)


class AmbiguousNumberError(ValueError):
    """A number whose comma or point may separate thousands."""
