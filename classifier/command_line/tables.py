"""Evaluations as text and tables for the terminal."""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from rich.table import Table

from classifier.evaluation.cross_validation import Evaluation
from classifier.evaluation.learning_curve import Point
from classifier.quality.metrics import wilson_interval


def accuracy_text(metrics: Mapping[str, Any], what: str) -> str:
    """Sentences on the accuracy on `what`, beside that of the controls."""
    low, high = metrics["interval"]
    return (
        f"Accuracy {metrics['accuracy']:.1%} (95 % interval {low:.1%} to {high:.1%}), balanced "
        f"{metrics['balanced_accuracy']:.1%}, on {what}.\nControls: the scale alone {metrics['scale_only']:.1%}, the "
        f"best constant answer {metrics['majority']:.1%}."
    )


def confusion_table(evaluation: Evaluation) -> Table:
    """Actual rows, predicted columns, and the recall of each class."""
    table = Table("actual", *evaluation.outcomes, "recall")
    for name, row in zip(evaluation.outcomes, evaluation.confusion, strict=True):
        if sum(row):
            table.add_row(name, *map(str, row), f"{evaluation.per_class_recall[name]:.1%}")
    return table


def seeds_table(seeds: Sequence[int], evaluations: Sequence[Evaluation]) -> Table:
    """A row for each seed and the mean. The interval counts each micrograph once: seeds share the micrographs."""
    columns = ("seed", "accuracy", "balanced", "rejected", "closed-set", "balanced", "scale alone")
    table = Table(*columns, title="By seed", show_footer=True)
    rows = [_shares(evaluation) for evaluation in evaluations]
    for seed, row in zip(seeds, rows, strict=True):
        table.add_row(str(seed), *(f"{share:.1%}" for share in row))
    means = [f"{mean(shares):.1%}" for shares in zip(*rows, strict=True)]
    for column, text in zip(table.columns, ["mean", *means], strict=True):
        column.footer = text
    count = evaluations[0].count
    low, high = wilson_interval(round(mean(evaluation.accuracy for evaluation in evaluations) * count), count)
    table.caption = f"95 % interval of the mean accuracy: {low:.1%} to {high:.1%}"
    return table


def robustness_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """What held-out known micrographs and others were called, with 95 % intervals."""
    columns = ("micrographs", "", "count", "right", "none of these", "other scale suspected")
    table = Table(*columns, title="Robustness")
    for row in rows:
        rates = (_rate(row[name]) for name in ("right", "none_of_these", "warned"))
        table.add_row(row["group"], row["name"], str(row["count"]), *rates)
    return table


def _rate(rate: Mapping[str, Any]) -> str:
    low, high = rate["interval"]
    return f"{rate['share']:.0%} ({low:.0%} to {high:.0%})"


def _shares(evaluation: Evaluation) -> tuple[float, ...]:
    closed_set = evaluation.closed_set
    accuracy = (evaluation.accuracy, evaluation.balanced_accuracy, evaluation.rejected)
    return *accuracy, closed_set["accuracy"], closed_set["balanced_accuracy"], evaluation.scale_only


def curve_table(points: Sequence[Point]) -> Table:
    """Accuracy by the number of training images."""
    columns = ("training images", "accuracy", "95 % interval", "balanced", "scale alone")
    table = Table(*columns, title="Learning curve")
    for point in points:
        evaluation = point.evaluation
        low, high = evaluation.interval
        cells = (f"{evaluation.accuracy:.1%}", f"{low:.1%} to {high:.1%}", f"{evaluation.balanced_accuracy:.1%}")
        table.add_row(f"{point.images:.0f}", *cells, f"{evaluation.scale_only:.1%}")
    return table
