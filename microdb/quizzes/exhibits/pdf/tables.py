"""Tables: any exhibit, and the overview of all questions as in tables S7 and S8 of the paper."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from reportlab.platypus import Image, LongTable

from microdb.micrographs.models import NONE_OF_THESE
from microdb.quizzes.exhibits.exhibit import Exhibit
from microdb.quizzes.exhibits.pdf.style import BOLD, CELL, GRID, NUMBER, text
from microdb.quizzes.exhibits.writing import cell
from microdb.quizzes.models import UNSURE
from microdb.quizzes.reports import QuestionResult, Report

COLUMNS_AT_MOST, ROWS_ON_THEIR_SIDE = 10, 4


def exhibit_table(exhibit: Exhibit, width: float) -> LongTable:
    """The rows of an exhibit, with the numbers as the page writes them; a wide one stands on its side."""
    if len(exhibit.columns) > COLUMNS_AT_MOST and len(exhibit.rows) <= ROWS_ON_THEIR_SIDE:
        return _on_its_side(exhibit, width)
    kinds = [column.kind for column in exhibit.columns]
    styles = [CELL if kind == "text" else NUMBER for kind in kinds]
    header = [text(column.label, style) for column, style in zip(exhibit.columns, styles, strict=True)]
    rows = [
        [text(str(cell(value, kind)), style) for value, kind, style in zip(row, kinds, styles, strict=True)]
        for row in exhibit.rows
    ]
    shares = [2.0 if kind == "text" else 1.0 for kind in kinds]
    columns = [width * share / sum(shares) for share in shares]
    return LongTable([header, *rows], colWidths=columns, repeatRows=1, style=GRID)


def _on_its_side(exhibit: Exhibit, width: float) -> LongTable:
    """A line for each column of the exhibit."""
    lines = [
        [text(column.label, CELL), *[text(str(cell(row[place], column.kind)), NUMBER) for row in exhibit.rows]]
        for place, column in enumerate(exhibit.columns)
    ]
    each = width / (len(exhibit.rows) + 1)
    return LongTable(lines, colWidths=[each] * (len(exhibit.rows) + 1), style=GRID)


def overview(report: Report, place: int, pictures: Mapping[int, Image], width: float) -> LongTable:
    """A row per question: in each option the probability of the model at ``place`` over the share of experts' votes.

    The truth is set in bold, as is the option that the model chose.
    """
    options = [_short(vote.label) for vote in report.questions[0].votes]
    header = [text("#", NUMBER), "", *[text(option, NUMBER) for option in options]]
    rows = [
        [text(str(question.number), NUMBER), pictures.get(question.number, ""), *_cells(question, place)]
        for question in report.questions
    ]
    columns = [24.0, 46.0, *[(width - 70) / len(options)] * len(options)]
    return LongTable([header, *rows], colWidths=columns, repeatRows=1, style=GRID)


def _cells(question: QuestionResult, place: int) -> list[object]:
    voters = sum(vote.experts for vote in question.votes)
    found: list[object] = []
    for vote in question.votes:
        model = f"{100 * vote.probabilities[place]:.0f} %" if vote.probabilities else "—"
        experts = f"{100 * vote.experts / voters:.0f} %" if voters else "—"
        mark = " *" if vote.is_truth else ""
        found.append(text(f"{model} | {experts}{mark}", _style(is_truth=vote.is_truth)))
    return found


def _style(*, is_truth: bool) -> object:
    return NUMBER.clone("truth", fontName=BOLD) if is_truth else NUMBER


def _short(label: str) -> str:
    return {NONE_OF_THESE: _("none of these"), UNSURE: _("unsure")}.get(label, label)
