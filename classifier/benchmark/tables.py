"""The measurements as tables with bars."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rich.bar import Bar
from rich.table import Table

from classifier.samples import NONE_OF_THESE

BAR = 16
"""Width of a full bar in characters."""
Row = Mapping[str, Any]
"""A Measurement as JSON."""


def tables(rows: Sequence[Row]) -> list[Table]:
    """Accuracy, speed and cost; several tables, since a single one would be wider than a terminal."""
    accuracy = [_folds_table(rows)] if any(row["folds"] for row in rows) else []
    accuracy += [_quiz_table(rows)] if any(row["quiz"] for row in rows) else []
    return [*accuracy, _speed_table(rows), _cost_table(rows)] if rows else []


def _folds_table(rows: Sequence[Row]) -> Table:
    table = _table("Closed-set accuracy on grouped folds", "", "accuracy", "95 %", "balanced")
    for row in rows:
        if folds := row["folds"]:
            low, high = (f"{100 * share:.0f}" for share in folds["interval"])
            shares = (f"{folds['accuracy']:.1%}", f"{low} to {high}", f"{folds['balanced_accuracy']:.1%}")
            table.add_row(row["title"], _bar(folds["accuracy"]), *shares)
    return table


def _quiz_table(rows: Sequence[Row]) -> Table:
    table = _table("Accuracy on the quiz", "", "correct", "of the classes")
    for row in rows:
        if quiz := row["quiz"]:
            correct = round(quiz["accuracy"] * quiz["count"])
            counts = (f"{correct} of {quiz['count']}", "{} of {}".format(*_of_the_classes(quiz)))
            table.add_row(row["title"], _bar(quiz["accuracy"]), *counts)
    return table


def _speed_table(rows: Sequence[Row]) -> Table:
    """The bar is the logarithm of the speed-up over the slowest method; full for the fastest with an encoder."""
    table = _table("Speed", "s per\nimage", "times\nfaster", "", "crops", "crops/s")
    slowest = max(row["image_seconds"] for row in rows)
    most = max((slowest / row["image_seconds"] for row in rows if row["image_flops"]), default=1.0)
    for row in rows:
        seconds = row["image_seconds"]
        faster = slowest / seconds
        table.add_row(
            row["title"],
            f"{seconds:.3g}",
            f"{faster:,.0f}" if faster >= 10 else f"{faster:.1f}",
            _bar(min(1.0, math.log(faster) / math.log(most)) if most > 1 else 0.0),
            f"{row['crops']:.0f}",
            f"{row['crops'] / seconds:.0f}" if row["crops"] > 1 else "",
        )
    return table


def _cost_table(rows: Sequence[Row]) -> Table:
    """Time, share of the roofline and memory; the roofline is the best rate of matrix products in this run."""
    peak = max(row["matmul_rate"] for row in rows)
    title = f"Cost; the roofline is {peak / 1e9:.0f} GFLOP/s (float32 matrix products)"
    table = _table(title, "training s", "share of\nroofline", "", "peak MiB")
    for row in rows:
        share = row["image_flops"] / row["image_seconds"] / peak
        roofline = (f"{share:.1%}", _bar(min(1.0, share))) if share else ("", "")
        table.add_row(row["title"], f"{row['training_seconds']:.1f}", *roofline, f"{row['peak_mebibytes']:.0f}")
    return table


def _table(title: str, *columns: str) -> Table:
    """A table whose first column is the method's title, the only one that may wrap."""
    table = Table("method", title=title)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def agreement(default: Row, exact: Row) -> str:
    """A sentence on how many quiz micrographs have the same label by default and with --exact."""
    fast, every_crop = default.get("predictions", {}), exact.get("predictions", {})
    both = [name for name in every_crop if name in fast]
    same = sum(fast[name] == every_crop[name] for name in both)
    return f"Scoring by default and with --exact agree on {same} of {len(both)} quiz micrographs."


def _of_the_classes(quiz: Row) -> tuple[int, int]:
    """Correct predictions and micrographs, without those labelled none of these."""
    rows = [
        (row[index], sum(row))
        for index, (name, row) in enumerate(zip(quiz["outcomes"], quiz["confusion"], strict=True))
        if name != NONE_OF_THESE
    ]
    return sum(correct for correct, _ in rows), sum(count for _, count in rows)


def _bar(share: float) -> Bar:
    return Bar(1.0, 0.0, share, width=BAR)
