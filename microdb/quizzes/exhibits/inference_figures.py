"""Plotly figures of accuracies, their differences, and the recognition of none of these."""

from textwrap import wrap

from django.utils.translation import gettext as _

from microdb.quizzes.exhibits.styles import (
    AXIS_HEIGHT,
    LEAST_HEIGHT,
    LEGEND_ABOVE,
    PANEL_COLOURS,
    ROW_HEIGHT,
    SHARE_AXIS,
    Figure,
    beside,
    series,
    whiskers,
)
from microdb.quizzes.reports import Comparison, Detection, Report
from microdb.statistics import Interval

Bar = tuple[str, float, Interval, str, str]
"""Label, share, interval, text in the bar, and kind: a panel, best or model."""
BAR_COLOURS = {**PANEL_COLOURS, "best": "--good", "model": "--warn"}


def accuracy_bars(report: Report) -> list[Bar]:
    """Fig. 3 of the paper: non-experts, experts, the best expert and the models; the texts are participants."""
    panels = sorted(report.panels, key=lambda panel: panel.panel, reverse=True)
    bars: list[Bar] = [(p.label, p.accuracy, p.interval, str(p.readers), p.panel) for p in panels]
    if best := report.best_expert:
        bars.append((best.label, best.accuracy, best.interval, "", "best"))
    return bars + [(m.label, m.accuracy, m.interval, "", "model") for m in report.models]


def accuracy_figure(report: Report) -> Figure:
    """The bars with 95 % intervals."""
    labels, shares, intervals, texts, kinds = (list(part) for part in zip(*accuracy_bars(report), strict=True))
    trace = {
        "type": "bar",
        "x": labels,
        "y": [100 * share for share in shares],
        "text": texts,
        "insidetextanchor": "start",
        "textposition": "inside",
        "textangle": 0,
        "textfont": {"color": "--accent-text", "size": 16},
        "marker": {"color": [BAR_COLOURS[kind] for kind in kinds]},
        "error_y": whiskers(shares, intervals),
        "hovertemplate": "%{x}: %{y:.1f} %<extra></extra>",
    }
    layout = {
        "xaxis": {"showgrid": False},
        "yaxis": {"title": beside(_("right answers")), **SHARE_AXIS},
        "showlegend": False,
        "bargap": 0.35,
    }
    return {"data": [trace], "layout": layout}


def difference_figure(comparisons: list[Comparison]) -> Figure:
    """Model minus panel with its interval; the line at 0 is no difference."""
    differences, intervals = [one.difference for one in comparisons], [one.interval for one in comparisons]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "y": ["<br>".join(wrap(f"{one.model} − {one.panel_label}", 24)) for one in comparisons],
        "x": [100 * difference for difference in differences],
        "marker": {"color": "--accent", "size": 11},
        "error_x": whiskers(differences, intervals),
        "hovertemplate": "%{y}: %{x:.1f}<extra></extra>",
    }
    layout = {
        "xaxis": {"title": {"text": _("difference in points")}, "zeroline": True, "zerolinecolor": "--text"},
        "yaxis": {"autorange": "reversed"},
        "showlegend": False,
        "height": max(LEAST_HEIGHT / 2, AXIS_HEIGHT + ROW_HEIGHT * len(comparisons)),
    }
    return {"data": [trace], "layout": layout}


def roc_figure(detections: list[Detection]) -> Figure | None:
    """Curves of the models' probabilities and the panels' votes; a small mark for each reader."""
    traces: list[Figure] = []
    for place, one in enumerate(detections):
        if one.roc:
            points = [(100 * x, 100 * y) for x, y in one.roc.points]
            traces.append(series(place, one.label, [x for x, _y in points], [y for _x, y in points]))
            traces[-1] |= {"hovertemplate": "%{x:.0f} %, %{y:.0f} %<extra>%{fullData.name}</extra>"}
        if len(one.readers) > 1:
            xs, ys = [100 * x for x, _y in one.readers], [100 * y for _x, y in one.readers]
            marks = series(place, _("%s, one by one") % one.label, xs, ys) | {"mode": "markers", "opacity": 0.5}
            traces.append(marks | {"hovertemplate": "%{x:.0f} %, %{y:.0f} %<extra>%{fullData.name}</extra>"})
    if not traces:
        return None
    layout = {
        "xaxis": {"title": {"text": _("others called None of these")}, **SHARE_AXIS},
        "yaxis": {"title": beside(_("None of these found")), **SHARE_AXIS},
        "legend": LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}
