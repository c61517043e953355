"""A CSV table as spreadsheets save it: UTF-8 or UTF-16; commas, semicolons or tabs; decimal points or commas."""

import codecs
import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from classifier.errors import ClassifierError

SEPARATORS = (",", ";", "\t")
_NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
"""12,345 is twelve thousand or a bit more than twelve; 0,345 and 12,34 can only be read in one way."""


@dataclass(frozen=True)
class Table:
    """The header in lower case, and the rows that are not blank with the number of the line on which each ends."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    separator: str
    is_utf16: bool


def read_table(path: Path, column: str) -> Table:
    """The separator is the one that gives the header the `column`, else a comma. Raises ClassifierError."""
    with path.open("rb") as file:
        is_utf16 = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    try:
        with path.open(newline="", encoding="utf-16" if is_utf16 else "utf-8-sig") as text:
            first = text.readline()
            separator = next((one for one in SEPARATORS if column in _header(first, one)), ",")
            reader = csv.reader(chain([first], text), delimiter=separator, strict=True)
            header = [name.strip().lower() for name in next(reader, [])]
            rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ClassifierError(f"{path} cannot be read as CSV ({error}); save it as CSV in UTF-8.") from error
    return Table(header, [(line, cells) for line, cells in rows if any(cells)], separator, is_utf16)


def _header(line: str, separator: str) -> list[str]:
    try:
        return [name.strip().lower() for name in next(csv.reader([line], delimiter=separator), [])]
    except csv.Error:
        return []


@dataclass(frozen=True)
class NumberStyle:
    """How the numbers of a table are written, as `among` finds it."""

    points: bool
    commas: bool
    decimal_comma: bool

    @property
    def reads_commas(self) -> bool:
        """Whether the table has a comma, which is then a decimal comma."""
        return self.commas and self.decimal_comma

    @classmethod
    def among(cls, texts: Sequence[str], separator: str) -> "NumberStyle":
        """A comma that can only be a decimal comma, or semicolons between the cells, decide how 12,345 is read."""
        clear = any("," in text and _NUMBER.fullmatch(text) and not _GROUPED.fullmatch(text) for text in texts)
        points, commas = (any(mark in text for text in texts) for mark in ".,")
        return cls(points, commas, clear or separator == ";")

    def number(self, text: str) -> float:
        """Raises ValueError for what is no number, or can be read in two ways."""
        if not _NUMBER.fullmatch(text):
            raise ValueError("no number")
        clear = not self.commas if "." in text else self.decimal_comma and not self.points
        if _GROUPED.fullmatch(text) and not clear:
            raise ValueError("it can be read in two ways")
        return float(text.replace(",", "."))
