"""A batch as a PDF: its accuracy where labels are known, and its micrographs with predictions, errors first."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from reportlab.platypus import Flowable, Image, LongTable

from microdb.micrographs.models import Dataset
from microdb.micrographs.templatetags.micrographs import percent
from microdb.pdf import GRID, HEADING, LEAD, NOTE, TITLE, WIDTH, pdf_document, simple_table, text
from microdb.pdf.pictures import stored_picture
from microdb.pdf.style import CELL
from microdb.scoring.batch_results import reason, result_items, verdict
from microdb.scoring.batch_review import RANK, BatchReview, in_order, review
from microdb.scoring.models import Batch, BatchItem

MOST_ROWS = 300
"""Micrographs in the table: a PDF of so many takes two or three seconds."""
PIXELS, POINTS = 96, 40
COLUMNS = (46.0, 0.34, 0.24, 0.2, 0.22)
"""Their widths: of the picture in points, of the others as shares of the rest."""


def batch_pdf(batch: Batch, dataset: Dataset) -> bytes:
    """Of a batch with its counts, for the dataset's viewer."""
    title = _("Batch of %(day)s, version %(number)d") % {
        "day": f"{batch.created_at:%Y-%m-%d %H:%M}",
        "number": batch.model_version.number,
    }
    subject = f"{dataset.name}, {batch.pk}"
    return pdf_document(story(batch, dataset, title), title=title, subject=subject, footer=subject)


def story(batch: Batch, dataset: Dataset, title: str) -> Iterator[Flowable]:
    """The paragraphs and tables."""
    counted: dict[str, int] = {"done": batch.done, "total": batch.total}  # type: ignore[attr-defined] # with_counts
    yield text(title, TITLE)
    yield text(_("Dataset %(dataset)s. %(done)d of %(total)d files have a verdict.") % {"dataset": dataset, **counted})
    reviewed = review(batch, dataset) if not batch.waiting else None  # type: ignore[attr-defined] # with_counts
    if reviewed:
        yield from _accuracy(reviewed)
    places = reviewed.places if reviewed else in_order(batch)
    yield text(_("Micrographs, errors first") if reviewed else _("Micrographs"), HEADING)
    if len(places) > MOST_ROWS:
        yield text(_("The first %(most)d of %(all)d; the CSV file has all.") % {"most": MOST_ROWS, "all": len(places)})
    yield _table(batch, dataset, [place % RANK for place in places[:MOST_ROWS]])


def _accuracy(reviewed: BatchReview) -> Iterator[Flowable]:
    if reviewed.accuracy is None:
        return
    found = reviewed.accuracy
    yield text(
        _("%(right)d of %(count)d labelled micrographs are predicted as labelled: %(share)s (95 %% interval %(low)s to "
          "%(high)s).")
        % {
            "right": found.right,
            "count": found.count,
            "share": percent(found.share),
            "low": percent(found.interval.low),
            "high": percent(found.interval.high),
        },
        LEAD,
    )  # fmt: skip
    yield text(_("The interval takes the micrographs of one specimen for alike."), NOTE)
    if reviewed.trained_on:
        yield text(_("Left out, since the version was trained on them: %d.") % reviewed.trained_on, NOTE)
    if reviewed.known_specimens:
        sentence = _("Of specimens that were in the training, which flatters the accuracy: %d.")
        yield text(sentence % reviewed.known_specimens, NOTE)
    rows = [
        [
            label,
            str(one.count),
            str(one.right),
            percent(one.share),
            percent(one.interval.low),
            percent(one.interval.high),
        ]
        for label, one in reviewed.classes.items()
    ]
    yield simple_table([_("Label"), _("Micrographs"), _("As labelled"), _("Share"), _("From"), _("To")], rows)


def _table(batch: Batch, dataset: Dataset, positions: Sequence[int]) -> LongTable:
    items = {item.position: item for item in result_items(batch, dataset.viewer).filter(position__in=positions)}
    header = [text(name, CELL) for name in ("", _("File"), _("Prediction"), _("Label"), _("Remarks"))]
    rows = [_row(items[position]) for position in positions if position in items]
    picture, *shares = COLUMNS
    widths = [picture, *((WIDTH - picture) * share for share in shares)]
    return LongTable([header, *rows], colWidths=widths, repeatRows=1, style=GRID)


def _row(item: BatchItem) -> list[Flowable | str]:
    found, micrograph = verdict(item.score), item.micrograph
    said = f"{found.predicted} {percent(found.shown_probability)}" if found else "—"
    label = micrograph.label if micrograph else ""
    words = [text(cell, CELL) for cell in (item.filename, said, label, reason(item))]
    return [_picture(item), *words]


def _picture(item: BatchItem) -> Image | str:
    """Nothing where no worker has made a thumbnail, or where it is gone."""
    if not item.micrograph or not item.micrograph.thumbnail:
        return ""
    try:
        return stored_picture(str(item.micrograph.thumbnail), PIXELS, POINTS)
    except FileNotFoundError:
        return ""
