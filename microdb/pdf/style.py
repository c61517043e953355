"""Fonts and styles of the PDF. Bitstream Vera comes with reportlab and has µ, ± and accented letters."""

from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, TableStyle

FONT, BOLD = "Vera", "VeraBd"
for name in (FONT, BOLD):
    pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=BOLD)

BODY = ParagraphStyle("body", fontName=FONT, fontSize=9, leading=13, spaceAfter=6)
LEAD = ParagraphStyle("lead", parent=BODY, fontSize=10.5, leading=15)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=7.5, leading=10, textColor=HexColor("#50565d"))
NOTE = ParagraphStyle("note", parent=SMALL, keepWithNext=1)
TITLE = ParagraphStyle("title", parent=BODY, fontName=BOLD, fontSize=17, leading=22)
HEADING = ParagraphStyle("heading", parent=BODY, fontName=BOLD, fontSize=12, leading=16, spaceBefore=10, keepWithNext=1)
CELL = ParagraphStyle("cell", parent=BODY, fontSize=7, leading=9, spaceAfter=0)
NUMBER = ParagraphStyle("number", parent=CELL, alignment=TA_RIGHT)
BOLD_NUMBER = ParagraphStyle("bold number", parent=NUMBER, fontName=BOLD)
GRID = TableStyle(
    [
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, HexColor("#d5d9de")),
        ("LINEBELOW", (0, 0), (-1, 0), 0.75, HexColor("#1c2024")),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
)


def text(words: str, style: ParagraphStyle = BODY) -> Paragraph:
    """A paragraph of plain text; whatever it holds stays text."""
    return Paragraph(escape(words), style)
