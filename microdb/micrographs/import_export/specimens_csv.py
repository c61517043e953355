"""``specimens.csv``: one row for each specimen, with a column for each element and each other field."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from microdb.csv_lines import csv_lines, written_text
from microdb.errors import MicroDBError
from microdb.labels import visible_line
from microdb.manifest.table import named_cells, opened_table, table_refusal
from microdb.metallurgy import parse_amount, parse_composition
from microdb.micrographs.models import Specimen
from microdb.micrographs.validation.specimen_columns import COLUMNS, STEP_COLUMNS, Column, column_of

MOST_ROWS = 10_000
MOST_COLUMNS = 300
LONGEST_NAME = 100


@dataclass(frozen=True)
class SpecimenRow:
    """One line; the cells that are not empty by their columns, still text."""

    line: int
    specimen: str
    cells: dict[Column, str]

    def values(self, stored: Specimen) -> dict[str, Any]:
        """The fields that this row gives; elements and other fields that it does not name stay as they are stored.

        Raises MicroDBError where a cell can't be read.
        """
        found: dict[str, Any] = {}
        amounts: dict[str, float | None] = {}
        others: dict[str, str] = {}
        parts: dict[str, str] = {}
        for column, text in self.cells.items():
            match column.kind:
                case "element":
                    amounts[column.name] = parse_amount(text, column.name)
                case "other":
                    others[column.name] = text
                case "part":
                    parts[column.name] = text if re.search(r"[^\W\d_]", text) else f"{text} {column.unit}".strip()
                case _:
                    found[column.name] = text
        base = parse_composition(found.pop("composition")) if "composition" in found else stored.composition
        if amounts or base != stored.composition:
            found["composition"] = {**base, **amounts}
        if others:
            found["other_fields"] = {**stored.other_fields, **others}
        if parts and "heat_treatment" in found:
            raise MicroDBError(
                _("Give the heat treatment in one column or its temperature, time and cooling, not both."),
                code="bad_heat_treatment",
            )
        return found | _one_step(parts)


@dataclass(frozen=True)
class SpecimenTable:
    """The rows, and how the table was understood where it is not in UTF-8 with commas and decimal points."""

    name: str
    rows: list[SpecimenRow]
    columns: list[Column] = field(default_factory=list)
    separator: str = ","
    is_utf16: bool = False
    decimal_comma: bool = False

    @property
    def other_fields(self) -> list[str]:
        """The columns that are no known ones, so that a typing error is seen."""
        return [column.name for column in self.columns if column.kind == "other"]


def _one_step(parts: dict[str, str]) -> dict[str, str]:
    """The heat treatment of which the columns give the parts."""
    return {"heat_treatment": ", ".join(parts[name] for name in STEP_COLUMNS if name in parts)} if parts else {}


def read_specimens(path: Path) -> SpecimenTable:
    """The table in a file. Raises like ``parse_specimens``."""
    with path.open("rb") as file:
        return parse_specimens(file, path.name)


def parse_specimens(file: IO[bytes], name: str) -> SpecimenTable:
    """The table in an open file, which messages call ``name``. Raises MicroDBError where the whole of it is wrong."""
    with opened_table(file, name, column="specimen") as table:
        names = [visible_line(written_text(one)) for one in table.names]
        columns = _columns(names, name)
        rows = list(_rows(table.rows, names, dict(zip(names, columns, strict=True)), name))
    if not rows:
        raise table_refusal(name, "describes no specimen. Add a line for each", code="empty")
    commas = any("," in text for row in rows for column, text in row.cells.items() if column.kind == "element")
    return SpecimenTable(name, rows, columns, table.separator, table.is_utf16, commas)


def specimens_csv(specimens: Iterable[Specimen]) -> Iterator[str]:
    """The table of these specimens, which ``parse_specimens`` reads to the same records."""
    rows = list(specimens)
    elements = dict.fromkeys(element for one in rows for element in one.composition)
    others = sorted({name for one in rows for name in one.other_fields})
    texts = ("material", "heat_treatment", "heat_number")
    yield from csv_lines([["specimen", *texts, *elements, *others, "notes"]])
    yield from csv_lines(
        [
            one.name,
            *(getattr(one, name) for name in texts),
            *(one.composition.get(element) for element in elements),
            *(one.other_fields.get(name) for name in others),
            one.notes,
        ]
        for one in rows
    )


def _columns(names: list[str], table: str) -> list[Column]:
    if "specimen" not in (name.lower() for name in names):
        raise table_refusal(table, f"has no column “specimen”. Known columns: {', '.join(COLUMNS)}, and elements")
    if "" in names:
        raise table_refusal(table, "has a column without a name. Give it one, or delete it")
    if len(names) > MOST_COLUMNS or max(map(len, names)) > LONGEST_NAME:
        most = f"at most {MOST_COLUMNS} columns, with names of at most {LONGEST_NAME} characters"
        raise table_refusal(table, f"must have {most}. Check its separators")
    columns = [column_of(name) for name in names]
    for number, column in enumerate(columns):
        if any((column.kind, column.name) == (one.kind, one.name) for one in columns[:number]):
            raise table_refusal(table, f"has two columns for “{column.name}”. Keep one")
    return columns


def _rows(
    rows: Iterable[tuple[int, list[str]]], names: list[str], columns: dict[str, Column], table: str
) -> Iterator[SpecimenRow]:
    for count, (line, written) in enumerate(rows, start=1):
        if count > MOST_ROWS:
            raise table_refusal(table, f"has more than {MOST_ROWS:,} rows. Split it")
        cells = named_cells(names, [written_text(cell) for cell in written], line=line, name=table)
        found = {columns[name]: text for name, text in cells.items() if text}
        specimen = next((found.pop(column) for column in list(found) if column.name == "specimen"), "")
        yield SpecimenRow(line, specimen, found)
