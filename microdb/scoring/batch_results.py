"""A batch's results as rows, for the page, the API, the CSV file and the command."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from microdb.jobs import Job
from microdb.scoring.models import Batch, BatchItem, Score
from microdb.training.models import ModelVersion

ROWS_AT_ONCE = 1000


def columns(version: ModelVersion) -> list[str]:
    """The columns of the CSV file; the classes in the dataset's order."""
    before = ["filename", "pixels_per_micrometre", "predicted", "probability", "none_of_these"]
    return [*before, *version.classes, "crops", "seed", "warning", "outside_rank", "nearest"]


def batch_items(batch: Batch, user: object = None) -> Iterator[BatchItem]:
    """The items that ``user`` may see, in order with their scores and micrographs, read in chunks."""
    items = batch.items.shown_to(user).select_related("score", "micrograph__material_class").order_by("position")
    return items.iterator(chunk_size=ROWS_AT_ONCE)


def verdict(score: Score | None) -> Score | None:
    """The score, if it holds a verdict."""
    return score if score and score.state == Job.State.DONE else None


def reason(item: BatchItem) -> str:
    """Why an item has no verdict (yet); the warning of its verdict otherwise."""
    score = item.score
    if score is None:
        return _("being read") if item.is_unread else item.error or _("The micrograph was deleted.")
    if score.state == Job.State.DONE:
        return score.warning
    if score.state == Job.State.FAILED:
        return score.error
    return _("cancelled") if score.state == Job.State.CANCELLED else _("not scored yet")


def csv_row(item: BatchItem, classes: Sequence[str]) -> list[Any]:
    """One row of ``columns``; a file without a verdict has empty cells and its reason as warning."""
    score = verdict(item.score)
    if score is None:
        scale = item.micrograph.pixels_per_micrometre if item.micrograph else None
        return [item.filename, _cell(scale), "", "", "", *[""] * len(classes), "", "", reason(item), "", ""]
    return [
        item.filename,
        _cell(score.pixels_per_micrometre),
        score.predicted,
        _share(score.probability),
        _share(score.none_of_these),
        *(_share(score.probabilities.get(name)) for name in classes),
        score.crops,
        score.seed,
        score.warning,
        "" if score.outside_rank is None else f"{score.outside_rank:.4f}",
        score.nearest_class,
    ]


def csv_rows(items: Iterable[BatchItem], version: ModelVersion) -> Iterator[list[Any]]:
    """The CSV file row by row, header first."""
    yield columns(version)
    for item in items:
        yield csv_row(item, version.classes)


def accuracy_pairs(items: Iterable[BatchItem]) -> list[tuple[str, str, float | None]]:
    """Label, prediction and scale of every item that has both a label and a verdict."""
    return [
        (item.micrograph.label, score.predicted, score.pixels_per_micrometre)
        for item in items
        if (score := verdict(item.score)) and item.micrograph and item.micrograph.label
    ]


def _cell(scale: float | None) -> str:
    return "" if scale is None else f"{scale:.10g}"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.6f}"
