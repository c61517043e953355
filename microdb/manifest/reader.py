"""Reads a manifest from a file, row by row, in whatever way a spreadsheet saved it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from microdb.manifest.numbers import NumberStyle
from microdb.manifest.rows import COLUMNS, ManifestRow
from microdb.manifest.table import Table, named_cells, opened_table, table_refusal

MOST_ROWS = 200_000
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
    with opened_table(file, name, column="filename") as table:
        _check_columns(table.header, name)
        numbers = NumberStyle(comma_expected=table.separator == ";")
        rows = list(_rows(table, numbers, name))
    if not rows:
        raise table_refusal(name, "names no file. Add a line for each micrograph", code="empty")
    return Manifest(name, rows, table.separator, table.is_utf16, numbers.reads_commas)


def _rows(table: Table, numbers: NumberStyle, name: str) -> Iterator[ManifestRow]:
    for count, (line, cells) in enumerate(table.rows, start=1):
        if count > MOST_ROWS:
            raise table_refusal(name, f"has more than {MOST_ROWS:,} rows. Split it")
        yield _row(line, table.header, cells, numbers, name)


def _row(line: int, header: list[str], cells: list[str], numbers: NumberStyle, name: str) -> ManifestRow:
    values = named_cells(header, cells, line=line, name=name)
    filename = values.pop("filename", "").replace("\\", "/")
    path = PurePosixPath(filename)
    if not filename or path.is_absolute() or ".." in path.parts or "\0" in filename:
        raise table_refusal(
            f"Line {line} of {name}", f"must have a filename inside the manifest's folder, not “{filename}”"
        )
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
    raise table_refusal(name, f"has {' and '.join(problems)}. {known}", code=code)
