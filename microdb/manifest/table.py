"""A table as spreadsheets save it: in UTF-8 or UTF-16, its cells separated by commas, semicolons or tabs."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO

SEPARATORS = (",", ";", "\t")
LONGEST_HEADER = 10_000


@dataclass(frozen=True)
class Table:
    """The header in lower case, and the rows with the number of the line on which each ends, read as they are asked.

    Blank rows, also those of separators alone, are left out. Reading rows raises csv.Error and UnicodeDecodeError.
    """

    header: list[str]
    rows: Iterator[tuple[int, list[str]]]
    separator: str
    is_utf16: bool


def open_table(file: IO[bytes], *, column: str) -> Table:
    """The table of an open file; the separator is the one that gives its header the ``column``, else a comma."""
    is_utf16 = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-16" if is_utf16 else "utf-8-sig", newline="")
    first = text.readline(LONGEST_HEADER)
    separator = next((one for one in SEPARATORS if column in _header(first, one)), ",")
    reader = csv.reader(chain([first], text), delimiter=separator, strict=True)
    header = [name.strip().lower() for name in next(reader, [])]
    rows = ((reader.line_num, [cell.strip() for cell in cells]) for cells in reader)
    return Table(header, ((line, cells) for line, cells in rows if any(cells)), separator, is_utf16)


def _header(line: str, separator: str) -> list[str]:
    try:
        return [name.strip().lower() for name in next(csv.reader([line], delimiter=separator), [])]
    except csv.Error:
        return []
