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


def accuracy_table(rows: Sequence[Row]) -> Table:
    """How often each way is right: on grouped folds among the classes, and on the quiz as it answers."""
    table = Table("way", "folds", "right", "95 %", "balanced", "quiz", "right", "of the classes", title="Accuracy")
    for row in rows:
        folds, quiz = row["folds"], row["quiz"]
        cells = [row["title"]]
        if folds:
            low, high = folds["interval"]
            cells += [_bar(folds["accuracy"]), f"{folds['accuracy']:.1%}", f"{100 * low:.0f} to {100 * high:.0f}"]
            cells += [f"{folds['balanced_accuracy']:.1%}"]
        else:
            cells += ["", "-", "", ""]
        if quiz:
            right = round(quiz["accuracy"] * quiz["count"])
            cells += [_bar(quiz["accuracy"]), f"{right} of {quiz['count']}", "{} of {}".format(*_of_the_classes(quiz))]
        else:
            cells += ["", "-", ""]
        table.add_row(*cells)
    return table


def speed_table(rows: Sequence[Row]) -> Table:
    """How long each way takes. The bar is the logarithm of how much faster than the slowest a micrograph is scored, up
    to the fastest that has an encoder."""
    peak = max(row["matmul_rate"] for row in rows) if rows else 1.0
    title = f"Speed, on a machine that multiplies matrices at {peak / 1e9:.0f} GFLOP/s (float32)"
    columns = ("way", "training s", "s an image", "times faster", "", "crops", "crops/s", "of the roofline", "peak MiB")
    table = Table(*columns, title=title)
    slowest = max((row["image_seconds"] for row in rows), default=1.0)
    most = max((slowest / row["image_seconds"] for row in rows if row["image_flops"]), default=1.0)
    for row in rows:
        seconds = row["image_seconds"]
        faster = slowest / seconds
        share = row["image_flops"] / seconds / peak
        table.add_row(
            row["title"],
            f"{row['training_seconds']:.1f}",
            f"{seconds:.3g}",
            f"{faster:,.0f}" if faster >= 10 else f"{faster:.1f}",
            _bar(min(1.0, math.log(faster) / math.log(most)) if most > 1 else 0.0),
            f"{row['crops']:.0f}",
            f"{row['crops'] / seconds:.0f}" if row["crops"] > 1 else "",
            f"{share:.1%}" if row["image_flops"] else "",
            f"{row['peak_mebibytes']:.0f}",
        )
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
