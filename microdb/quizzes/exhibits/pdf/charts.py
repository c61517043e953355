"""Fig. 3 of the paper: right answers by panel, the best expert and the models, with 95 % intervals."""

from django.utils.translation import gettext as _
from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import HexColor

from microdb.pdf.style import BOLD, FONT
from microdb.quizzes.exhibits.inference_figures import Bar, accuracy_bars
from microdb.quizzes.reports import Report

WIDTH, HEIGHT = 470, 230
LEFT, BOTTOM, TOP = 44, 46, 10
INK, GRID = HexColor("#1c2024"), HexColor("#d5d9de")
COLOURS = {"non-expert": "#8a9099", "expert": "#0072b2", "best": "#009e73", "model": "#e69f00"}
TICKS = (0, 20, 40, 60, 80, 100)


def accuracy_chart(report: Report) -> Drawing:
    """The bars from left to right as in the paper; the numbers in them are participants."""
    bars = accuracy_bars(report)
    drawing = Drawing(WIDTH, HEIGHT)
    for tick in TICKS:
        y = _height(tick / 100)
        drawing.add(Line(LEFT, y, WIDTH, y, strokeColor=GRID, strokeWidth=0.5))
        drawing.add(String(LEFT - 5, y - 3, f"{tick} %", fontName=FONT, fontSize=8, textAnchor="end", fillColor=INK))
    drawing.add(String(0, HEIGHT - 8, _("right answers"), fontName=FONT, fontSize=8, fillColor=INK))
    room = (WIDTH - LEFT) / max(1, len(bars))
    for place, bar in enumerate(bars):
        _draw_bar(drawing, bar, LEFT + room * (place + 0.5), room * 0.55)
    return drawing


def _draw_bar(drawing: Drawing, bar: Bar, middle: float, width: float) -> None:
    label, share, interval, text, kind = bar
    low, high, top = _height(interval.low), _height(interval.high), _height(share)
    drawing.add(
        Rect(middle - width / 2, BOTTOM, width, top - BOTTOM, fillColor=HexColor(COLOURS[kind]), strokeColor=None)
    )
    drawing.add(Line(middle, low, middle, high, strokeColor=INK))
    for y in (low, high):
        drawing.add(Line(middle - 4, y, middle + 4, y, strokeColor=INK))
    if text:
        number = String(middle, BOTTOM + 5, text, fontName=BOLD, fontSize=10, textAnchor="middle")
        number.fillColor = HexColor("#ffffff")
        drawing.add(number)
    share_label = f"{100 * share:.0f} %"
    drawing.add(String(middle, BOTTOM - 14, label, fontName=FONT, fontSize=8, textAnchor="middle", fillColor=INK))
    drawing.add(String(middle, BOTTOM - 26, share_label, fontName=BOLD, fontSize=8, textAnchor="middle", fillColor=INK))


def _height(share: float) -> float:
    return BOTTOM + share * (HEIGHT - BOTTOM - TOP - 8)
