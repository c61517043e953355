"""The one writer of CSV downloads. Needs no Django."""

import csv
import re
from collections.abc import Iterable, Iterator

CSV_TYPE = "text/csv; charset=utf-8"
_RUN_BY_SPREADSHEETS = re.compile("'*[=+\\-@\t\n]")
"""Text that a spreadsheet runs as a formula, also with apostrophes before it, so that ``written_text`` is exact."""


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The table line by line, as each row arrives; None is an empty cell."""
    writer = csv.writer(_Echo(), lineterminator="\n")
    return (writer.writerow([_safe(cell) for cell in row]) for row in rows)


def written_text(cell: str) -> str:
    """The text that ``csv_lines`` wrote as ``cell``."""
    return cell[1:] if cell.startswith("'") and _RUN_BY_SPREADSHEETS.match(cell) else cell


def _safe(cell: object) -> str:
    """A cell as text, with an apostrophe before text that a spreadsheet would run as a formula."""
    text = "" if cell is None else str(cell).replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if isinstance(cell, str) and _RUN_BY_SPREADSHEETS.match(text) else text


class _Echo:
    """A file whose ``write`` returns the line, so that the CSV writer does too."""

    def write(self, line: str) -> str:
        return line
