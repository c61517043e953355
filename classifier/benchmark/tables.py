"""What was measured, as tables with bars."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rich.bar import Bar
from rich.table import Table

from classifier.samples import NONE_OF_THESE

BAR = 16
"""Characters of a full bar."""
Row = Mapping[str, Any]


def tables(rows: Sequence[Row]) -> list[Table]:
    """All that was measured; several tables, since one of everything is wider than a terminal."""
    found = [_folds_table(rows)] if any(row["folds"] for row in rows) else []
    found += [_quiz_table(rows)] if any(row["quiz"] for row in rows) else []
    return [*found, _speed_table(rows), _cost_table(rows)] if rows else []


def _folds_table(rows: Sequence[Row]) -> Table:
    table = _table("Accuracy on grouped folds, among the classes", "", "right", "95 %", "balanced")
    for row in rows:
        if folds := row["folds"]:
            low, high = (f"{100 * share:.0f}" for share in folds["interval"])
            shares = (f"{folds['accuracy']:.1%}", f"{low} to {high}", f"{folds['balanced_accuracy']:.1%}")
            table.add_row(row["title"], _bar(folds["accuracy"]), *shares)
    return table


def _quiz_table(rows: Sequence[Row]) -> Table:
    table = _table("Accuracy on the quiz, as each way answers", "", "right", "of the classes")
    for row in rows:
        if quiz := row["quiz"]:
            right = round(quiz["accuracy"] * quiz["count"])
            counts = (f"{right} of {quiz['count']}", "{} of {}".format(*_of_the_classes(quiz)))
            table.add_row(row["title"], _bar(quiz["accuracy"]), *counts)
    return table


def _speed_table(rows: Sequence[Row]) -> Table:
    """The bar is the logarithm of how much faster than the slowest a way scores, up to the fastest with an encoder."""
    table = _table("Speed", "s an\nimage", "times\nfaster", "", "crops", "crops/s")
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
    """What a way takes of the machine; the roofline is the best rate at which it multiplied matrices in this run."""
    peak = max(row["matmul_rate"] for row in rows)
    title = f"Cost, on a machine that multiplies matrices at {peak / 1e9:.0f} GFLOP/s (float32)"
    table = _table(title, "training s", "of the\nroofline", "", "peak MiB")
    for row in rows:
        share = row["image_flops"] / row["image_seconds"] / peak
        roofline = (f"{share:.1%}", _bar(min(1.0, share))) if share else ("", "")
        table.add_row(row["title"], f"{row['training_seconds']:.1f}", *roofline, f"{row['peak_mebibytes']:.0f}")
    return table


def _table(title: str, *columns: str) -> Table:
    """Each row begins with the way's name, which alone may wrap."""
    table = Table("way", title=title)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def agreement(default: Row, exact: Row) -> str:
    """On how many micrographs the fast way and every crop say the same."""
    both = [name for name in exact.get("answers", {}) if name in default.get("answers", {})]
    same = sum(default["answers"][name] == exact["answers"][name] for name in both)
    return f"Scoring by default says what --exact says on {same} of {len(both)} quiz micrographs."


def _of_the_classes(quiz: Row) -> tuple[int, int]:
    """Right answers and micrographs, without those of none of these."""
    rows = [
        (line[place], sum(line))
        for place, (name, line) in enumerate(zip(quiz["outcomes"], quiz["confusion"], strict=True))
        if name != NONE_OF_THESE
    ]
    return sum(right for right, _ in rows), sum(count for _, count in rows)


def _bar(share: float) -> Bar:
    return Bar(1.0, 0.0, share, width=BAR)
