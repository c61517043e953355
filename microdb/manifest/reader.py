"""Reads a manifest from a file, row by row, in whatever way a spreadsheet saved it."""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from microdb.errors import MicroDBError
from microdb.manifest.numbers import NumberStyle
from microdb.manifest.rows import COLUMNS, ManifestRow
from microdb.manifest.table import Table, open_table

MOST_ROWS = 200_000
MOST_BYTES = 2**26
NO_FILENAMES = "no_filenames"
"""Code of the MicroDBError for a table without the column ``filename``, which may be no manifest at all."""


@dataclass(frozen=True)
class Manifest:
    """The rows, and how the table was understood where it is not in UTF-8 with commas and decimal points."""

    name: str
    rows: list[ManifestRow]
    separator: str = ","
    is_utf16: bool = False
    decimal_comma: bool = False


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file. Raises like ``parse_manifest``."""
    with path.open("rb") as file:
        return parse_manifest(file, path.name)


def parse_manifest(file: IO[bytes], name: str) -> Manifest:
    """The manifest in an open file, which messages call ``name``.

    Raises MicroDBError where the whole table is wrong: too large, no CSV, unknown columns, no rows, a file outside.
    """
    if file.seek(0, os.SEEK_END) > MOST_BYTES:
        raise _refusal(name, f"is larger than {MOST_BYTES // 2**20} MiB. Split it")
    file.seek(0)
    try:
        table = open_table(file, column="filename")
        _check_columns(table.header, name)
        numbers = NumberStyle(comma_expected=table.separator == ";")
        rows = list(_rows(table, numbers, name))
    except UnicodeDecodeError as error:
        raise _refusal(name, "is not in UTF-8, so its letters can't be read. Save it as “CSV UTF-8”") from error
    except csv.Error as error:
        raise _refusal(name, f"is no CSV table ({error}). Save it as “CSV UTF-8”") from error
    if not rows:
        raise _refusal(name, "names no file. Add a line for each micrograph", code="empty")
    return Manifest(name, rows, table.separator, table.is_utf16, numbers.reads_commas)


def _rows(table: Table, numbers: NumberStyle, name: str) -> Iterator[ManifestRow]:
    for count, (line, cells) in enumerate(table.rows, start=1):
        if count > MOST_ROWS:
            raise _refusal(name, f"has more than {MOST_ROWS:,} rows. Split it")
        yield _row(line, table.header, cells, numbers, name)


def _row(line: int, header: list[str], cells: list[str], numbers: NumberStyle, name: str) -> ManifestRow:
    if len(cells) > len(header):
        raise _refusal(
            f"Line {line} of {name}", "has more cells than columns. Put text that contains a separator in quotes"
        )
    values = dict(zip(header, cells, strict=False))
    filename = values.pop("filename", "").replace("\\", "/")
    path = PurePosixPath(filename)
    if not filename or path.is_absolute() or ".." in path.parts or "\0" in filename:
        raise _refusal(f"Line {line} of {name}", f"must have a filename inside the manifest's folder, not “{filename}”")
    scale = values.pop("pixels_per_micrometre", "")
    numbers.learn(scale)
    return ManifestRow(line, filename, scale=scale, numbers=numbers, **values)


def _check_columns(columns: list[str], name: str) -> None:
    unknown = [column for column in columns if column not in COLUMNS]
    problems = ["the unknown column " + ", ".join(f"“{column}”" for column in unknown)] if unknown else []
    if "filename" not in columns:
        problems.append("no column “filename”")
    if len(set(columns)) < len(columns):
        problems.append("a column twice")
    if not problems:
        return
    code = NO_FILENAMES if "filename" not in columns else "unknown_column" if unknown else "bad_manifest"
    known = f"Known columns: {', '.join(COLUMNS)}; only filename is required"
    raise _refusal(name, f"has {' and '.join(problems)}. {known}", code=code)


def _refusal(subject: str, sentence: str, code: str = "bad_manifest") -> MicroDBError:
    return MicroDBError(f"{subject} {sentence}.", code=code)
