"""What the commands show: progress bars on standard error, tables and results on standard output."""

import csv
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from microdb.client.batches import Batch
from microdb.client.errors import ClientError
from microdb.client.resumable import Step

notes = Console(stderr=True, highlight=False)


@contextmanager
def progress_bar() -> Iterator[Step]:
    """A bar for each thing that is done; nothing where standard error is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=notes, disable=not notes.is_terminal) as progress:
        tasks = {}

        def step(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield step


def say(sentence: str) -> None:
    """For the person, not for a program."""
    notes.print(sentence, markup=False, soft_wrap=True)


def print_table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Aligned in a terminal, else separated by tabs."""
    out = Console(highlight=False)
    if not out.is_terminal:
        for row in rows:
            print(*row, sep="\t")
        return
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    out.print(table, markup=False)


def write_csv(batch: Batch, path: Path | None) -> int:
    """Write the results, whole or not at all, to the file or to standard output; how many have no verdict."""
    if path is None:
        return _write_rows(batch, sys.stdout)
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open("w", newline="", encoding="utf-8") as file:
            lacking = _write_rows(batch, file)
        os.replace(partial, path)
    except OSError as error:
        raise ClientError(f"The results can't be written: {error}") from error
    return lacking


def _write_rows(batch: Batch, file: TextIO) -> int:
    writer = csv.writer(file, lineterminator="\n")
    rows = csv.reader(batch.csv_lines())
    header = next(rows)
    writer.writerow(header)
    lacking = 0
    for row in rows:
        writer.writerow(row)
        lacking += not row[header.index("predicted")]
    for name, reason in batch.unsent.items():
        cells = {"filename": name, "warning": reason}
        writer.writerow([cells.get(column, "") for column in header])
    return lacking + len(batch.unsent)
