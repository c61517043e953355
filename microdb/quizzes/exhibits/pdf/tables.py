"""Tables: any exhibit, and the overview of all questions as in tables S7 and S8 of the paper."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from reportlab.platypus import Image, LongTable

from microdb.micrographs.models import NONE_OF_THESE
from microdb.pdf.style import BOLD_NUMBER, CELL, GRID, NUMBER, text
from microdb.quizzes.exhibits.exhibit import Exhibit
from microdb.quizzes.exhibits.writing import cell
from microdb.quizzes.models import UNSURE
from microdb.quizzes.reports import QuestionResult, Report

COLUMNS_AT_MOST, ROWS_ON_THEIR_SIDE = 10, 4
"""A table with more columns and few rows stands on its side."""
OPTIONS_AT_MOST = 12
"""With more options, tables by option do not fit on a page."""
NAMED = 3
"""Options of a question that are named where not all fit."""


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

    The truth is bold and marked.
    """
    options = [_short(vote.label) for vote in report.questions[0].votes]
    if len(options) > OPTIONS_AT_MOST:
        return _overview_in_words(report, place, pictures, width)
    header = [text("#", NUMBER), "", *[text(option, NUMBER) for option in options]]
    rows = [
        [text(str(question.number), NUMBER), pictures.get(question.number, ""), *_cells(question, place)]
        for question in report.questions
    ]
    columns = [24.0, 46.0, *[(width - 70) / len(options)] * len(options)]
    return LongTable([header, *rows], colWidths=columns, repeatRows=1, style=GRID)


def _overview_in_words(report: Report, place: int, pictures: Mapping[int, Image], width: float) -> LongTable:
    """A row per question with the truth, and what the model and the experts named most."""
    header = [text(title, CELL) for title in ("#", "", _("Truth"), _("Model"), _("Experts"))]
    rows = []
    for question in report.questions:
        voters = max(1, sum(vote.experts for vote in question.votes))
        of_model = [(vote.probabilities[place], vote.label) for vote in question.votes if vote.probabilities]
        of_experts = [(vote.experts / voters, vote.label) for vote in question.votes]
        words = [question.truth, _most(of_model), _most(of_experts)]
        cells = [text(_short(word), CELL) for word in words]
        rows.append([text(str(question.number), CELL), pictures.get(question.number, ""), *cells])
    columns = [24.0, 46.0, *[(width - 70) / 3] * 3]
    return LongTable([header, *rows], colWidths=columns, repeatRows=1, style=GRID)


def _most(shares: list[tuple[float, str]]) -> str:
    largest = sorted(shares, reverse=True)[:NAMED]
    return ", ".join(f"{_short(label)} {100 * share:.0f} %" for share, label in largest if share > 0)


def _cells(question: QuestionResult, place: int) -> list[object]:
    voters = sum(vote.experts for vote in question.votes)
    found: list[object] = []
    for vote in question.votes:
        model = f"{100 * vote.probabilities[place]:.0f} %" if vote.probabilities else "—"
        experts = f"{100 * vote.experts / voters:.0f} %" if voters else "—"
        mark = " *" if vote.is_truth else ""
        found.append(text(f"{model} | {experts}{mark}", BOLD_NUMBER if vote.is_truth else NUMBER))
    return found


def _short(label: str) -> str:
    return {NONE_OF_THESE: _("None of these"), UNSURE: _("unsure")}.get(label, label)
