"""Figures of a report as Plotly dictionaries; colours are names of design tokens."""

from typing import Any

from django.utils.translation import gettext as _

from microdb.quizzes.reports import ModelResult, PanelResult, RaterResult, Report

PANEL_COLOURS = {"expert": "--accent", "non-expert": "--class-none"}


def accuracy_figure(report: Report) -> dict[str, Any]:
    """Fig. 3 of the paper: non-experts, experts, the best expert and the models, with 95 % intervals."""
    panels = sorted(report.panels, key=lambda panel: panel.panel, reverse=True)
    best = [report.best_expert] if report.best_expert else []
    bars: list[PanelResult | RaterResult] = [*panels, *best, *report.models]
    trace = {
        "type": "bar",
        "x": [bar.label for bar in bars],
        "y": [100 * bar.accuracy for bar in bars],
        "text": [str(bar.readers) if isinstance(bar, PanelResult) else "" for bar in bars],
        "insidetextanchor": "start",
        "textposition": "inside",
        "textangle": 0,
        "textfont": {"color": "--accent-text", "size": 16},
        "marker": {"color": [_colour(bar) for bar in bars]},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [100 * (bar.interval.high - bar.accuracy) for bar in bars],
            "arrayminus": [100 * (bar.accuracy - bar.interval.low) for bar in bars],
            "color": "--text",
            "thickness": 1.5,
        },
        "hovertemplate": "%{x}: %{y:.1f} %<extra></extra>",
    }
    layout = {
        "yaxis": {"title": {"text": _("right answers, %")}, "range": [0, 105]},
        "showlegend": False,
        "bargap": 0.35,
    }
    return {"data": [trace], "layout": layout}


def _colour(bar: PanelResult | RaterResult) -> str:
    if isinstance(bar, PanelResult):
        return PANEL_COLOURS[bar.panel]
    return "--warn" if isinstance(bar, ModelResult) else "--good"
