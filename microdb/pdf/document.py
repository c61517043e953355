"""A document of A4 pages with a line at the foot of each."""

from collections.abc import Iterable, Sequence
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, SimpleDocTemplate

from microdb.pdf.style import CELL, FONT, GRID, NUMBER, text

MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
"""Of the text, in points."""
FIRST_COLUMN = 2.0
"""Its width in units of the others."""


def pdf_document(story: Iterable[Flowable], *, title: str, subject: str, footer: str) -> bytes:
    """The PDF of these paragraphs, tables and figures; each page has ``footer`` and its number at the foot."""
    target = BytesIO()
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), MARGIN)
    document = SimpleDocTemplate(target, pagesize=A4, title=title, author="MicroDB", subject=subject, **margins)

    def foot(canvas: Canvas, _document: object) -> None:
        canvas.setFont(FONT, 7)
        canvas.drawString(MARGIN, 9 * mm, footer)
        canvas.drawRightString(A4[0] - MARGIN, 9 * mm, str(canvas.getPageNumber()))

    document.build(list(story), onFirstPage=foot, onLaterPages=foot)
    return target.getvalue()


def simple_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> LongTable:
    """A table as wide as the text, with a header on each page: words in the first column, numbers in the others."""
    styles = [CELL, *[NUMBER] * (len(columns) - 1)]
    lines = [[text(cell, style) for cell, style in zip(row, styles, strict=True)] for row in (columns, *rows)]
    whole = FIRST_COLUMN + len(columns) - 1
    widths = [WIDTH * share / whole for share in (FIRST_COLUMN, *[1.0] * (len(columns) - 1))]
    return LongTable(lines, colWidths=widths, repeatRows=1, style=GRID)
