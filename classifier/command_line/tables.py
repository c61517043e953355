"""What a cross-validation found, as tables for the terminal."""

from collections.abc import Sequence
from statistics import mean
from typing import TYPE_CHECKING

from rich.table import Table

from classifier.quality.metrics import wilson_interval

if TYPE_CHECKING:  # both import torch, which --help can do without
    from classifier.evaluation.cross_validation import Evaluation
    from classifier.evaluation.learning_curve import Point


def confusion_table(found: "Evaluation") -> Table:
    """Actual rows, predicted columns, and the recall of each class."""
    table = Table("actual", *found.outcomes, "recall")
    for name, row in zip(found.outcomes, found.confusion, strict=True):
        if sum(row):
            table.add_row(name, *map(str, row), f"{found.per_class_recall[name]:.1%}")
    return table


def seeds_table(seeds: Sequence[int], found: Sequence["Evaluation"]) -> Table:
    """A row for each seed, and their mean. Its interval is that of one pass: every seed asks the same micrographs."""
    columns = ("seed", "accuracy", "balanced", "rejected", "class named", "balanced", "scale alone")
    table = Table(*columns, title="By seed", show_footer=True)
    rows = [_shares(one) for one in found]
    for seed, row in zip(seeds, rows, strict=True):
        table.add_row(str(seed), *(f"{share:.1%}" for share in row))
    for column, text in zip(
        table.columns, ["mean", *(f"{mean(shares):.1%}" for shares in zip(*rows, strict=True))], strict=True
    ):
        column.footer = text
    low, high = wilson_interval(round(mean(one.accuracy for one in found) * found[0].count), found[0].count)
    table.caption = f"95 % interval of the mean accuracy: {low:.1%} to {high:.1%}"
    return table


def _shares(found: "Evaluation") -> tuple[float, ...]:
    named = found.class_named
    accuracy = (found.accuracy, found.balanced_accuracy, found.rejected)
    return *accuracy, named["accuracy"], named["balanced_accuracy"], found.scale_only


def curve_table(points: Sequence["Point"]) -> Table:
    """Accuracy by the number of images that trained."""
    table = Table("images to train", "accuracy", "95 % interval", "balanced", "scale alone", title="Learning curve")
    for point in points:
        found = point.evaluation
        low, high = found.interval
        cells = (f"{found.accuracy:.1%}", f"{low:.1%} to {high:.1%}", f"{found.balanced_accuracy:.1%}")
        table.add_row(f"{point.images:.0f}", *cells, f"{found.scale_only:.1%}")
    return table
