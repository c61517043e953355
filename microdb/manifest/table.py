"""A table as spreadsheets save it: in UTF-8 or UTF-16, its cells separated by commas, semicolons or tabs."""

import codecs
import csv
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import IO

from microdb.errors import MicroDBError

SEPARATORS = (",", ";", "\t")
LONGEST_HEADER = 10_000
MOST_BYTES = 2**26


@dataclass(frozen=True)
class Table:
    """The header in lower case, and the rows with the number of the line on which each ends, read as they are asked.

    Blank rows, also those of separators alone, are left out. Reading rows raises csv.Error and UnicodeDecodeError.
    """

    header: list[str]
    names: list[str]
    """The header as it is written."""
    rows: Iterator[tuple[int, list[str]]]
    separator: str
    is_utf16: bool


@contextmanager
def opened_table(file: IO[bytes], name: str, *, column: str) -> Iterator[Table]:
    """``open_table``; raises MicroDBError, which calls the file ``name``, where it is too large or no table."""
    if file.seek(0, os.SEEK_END) > MOST_BYTES:
        raise table_refusal(name, f"is larger than {MOST_BYTES // 2**20} MiB. Split it")
    file.seek(0)
    try:
        yield open_table(file, column=column)
    except UnicodeDecodeError as error:
        raise table_refusal(name, "is not in UTF-8, so its letters can't be read. Save it as “CSV UTF-8”") from error
    except csv.Error as error:
        raise table_refusal(name, f"is no CSV table ({error}). Save it as “CSV UTF-8”") from error


def table_refusal(subject: str, sentence: str, code: str = "bad_manifest") -> MicroDBError:
    """The error for a whole table; ``sentence`` goes on from its subject and has no full stop."""
    return MicroDBError(f"{subject} {sentence}.", code=code)


def named_cells(columns: list[str], cells: list[str], *, line: int, name: str) -> dict[str, str]:
    """The cells of a row by column, which may be fewer. Raises MicroDBError where they are more."""
    if len(cells) > len(columns):
        raise table_refusal(
            f"Line {line} of {name}", "has more cells than columns. Put text that contains a separator in quotes"
        )
    return dict(zip(columns, cells, strict=False))


def open_table(file: IO[bytes], *, column: str) -> Table:
    """The table of an open file; the separator is the one that gives its header the ``column``, else a comma."""
    is_utf16 = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-16" if is_utf16 else "utf-8-sig", newline="")
    first = text.readline(LONGEST_HEADER)
    separator = next((one for one in SEPARATORS if column in _header(first, one)), ",")
    reader = csv.reader(chain([first], text), delimiter=separator, strict=True)
    names = [name.strip() for name in next(reader, [])]
    header = [name.lower() for name in names]
    rows = ((reader.line_num, [cell.strip() for cell in cells]) for cells in reader)
    return Table(header, names, ((line, cells) for line, cells in rows if any(cells)), separator, is_utf16)


def _header(line: str, separator: str) -> list[str]:
    try:
        return [name.strip().lower() for name in next(csv.reader([line], delimiter=separator), [])]
    except csv.Error:
        return []
