"""Plotly figures of the exhibits as dictionaries; colours are names of CSS custom properties."""

from textwrap import wrap
from typing import Any

from django.utils.translation import gettext as _

from microdb.quizzes.reports import Calibration, Confusion, KappaRow, Pace, QuestionResult, Report, Team
from microdb.statistics import Interval

Figure = dict[str, Any]
PANEL_COLOURS = {"expert": "--accent", "non-expert": "--class-none"}
SERIES = [
    ("--accent", "circle", "solid"),
    ("--class-none", "square", "dot"),
    ("--warn", "diamond", "dash"),
    ("--class-2", "triangle-up", "dashdot"),
    ("--class-4", "cross", "longdash"),
    ("--class-5", "x", "longdashdot"),
    ("--bad", "star", "solid"),
    ("--class-3", "triangle-down", "dot"),
]
"""Colour, shape and line of a series, so that no series is known by its colour alone."""
WRONG_MARKS = [("--bad", "x", ""), *SERIES[2:]]
MARK_STEP = 5
"""Per cent of the axis between the marks of two models."""
LEAST_HEIGHT, AXIS_HEIGHT, ROW_HEIGHT = 384, 100, 64
"""Pixels of a chart with a row for each name; a name may take four lines."""
SHARE_AXIS = {"range": [0, 105], "ticksuffix": " %"}


def accuracy_figure(report: Report) -> Figure:
    """Fig. 3 of the paper: non-experts, experts, the best expert and the models, with 95 % intervals."""
    panels = sorted(report.panels, key=lambda panel: panel.panel, reverse=True)
    bars = [(p.label, p.accuracy, p.interval, str(p.readers), PANEL_COLOURS[p.panel]) for p in panels]
    if best := report.best_expert:
        bars.append((best.label, best.accuracy, best.interval, "", "--good"))
    bars += [(m.label, m.accuracy, m.interval, "", "--warn") for m in report.models]
    labels, shares, intervals, texts, colours = (list(part) for part in zip(*bars, strict=True))
    trace = {
        "type": "bar",
        "x": labels,
        "y": [100 * share for share in shares],
        "text": texts,
        "insidetextanchor": "start",
        "textposition": "inside",
        "textangle": 0,
        "textfont": {"color": "--accent-text", "size": 16},
        "marker": {"color": colours},
        "error_y": _whiskers(shares, intervals),
        "hovertemplate": "%{x}: %{y:.1f} %<extra></extra>",
    }
    layout = {
        "xaxis": {"showgrid": False},
        "yaxis": {"title": _beside(_("right answers")), **SHARE_AXIS},
        "showlegend": False,
        "bargap": 0.35,
    }
    return {"data": [trace], "layout": layout}


def agreement_figure(rows: list[KappaRow]) -> Figure | None:
    known = [(row, row.value, row.interval) for row in rows if row.value is not None and row.interval]
    if not known:
        return None
    values, intervals = [value for _row, value, _i in known], [interval for _row, _v, interval in known]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "y": ["<br>".join([*wrap(row.raters, 24), row.measure]) for row, _value, _interval in known],
        "x": values,
        "marker": {"color": "--accent", "size": 11},
        "error_x": _whiskers(values, intervals, factor=1),
        "hovertemplate": "%{y}: %{x:.2f}<extra></extra>",
    }
    layout = {
        "xaxis": {"title": {"text": _("agreement beyond chance")}, "range": [min(-0.1, *values), 1.05]},
        "yaxis": {"autorange": "reversed"},
        "showlegend": False,
        "height": max(LEAST_HEIGHT, AXIS_HEIGHT + ROW_HEIGHT * len(known)),
    }
    return {"data": [trace], "layout": layout}


def calibration_figure(calibrations: list[Calibration]) -> Figure:
    """The reliability diagram; on the diagonal, confidence equals accuracy."""
    ideal = {
        "type": "scatter",
        "mode": "lines",
        "x": [0, 100],
        "y": [0, 100],
        "name": _("ideal"),
        "line": {"color": "--line", "width": 2},
        "hoverinfo": "skip",
    }
    traces: list[Figure] = [ideal]
    for place, one in enumerate(calibrations):
        shares = [found.right for found in one.bins]
        traces.append(
            _series(place, one.label, [100 * found.confidence for found in one.bins], [100 * share for share in shares])
            | {
                "error_y": _whiskers(shares, [found.interval for found in one.bins]),
                "text": [_("%d answers") % found.count for found in one.bins],
                "hovertemplate": "%{x:.0f} % → %{y:.0f} %, %{text}<extra>%{fullData.name}</extra>",
            }
        )
    layout = {
        "xaxis": {"title": {"text": _("confidence")}, **SHARE_AXIS},
        "yaxis": {"title": _beside(_("right answers")), **SHARE_AXIS},
        "legend": _LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}


def confusion_figure(confusion: Confusion, options: list[str]) -> Figure:
    """Counts, coloured by their share of the row, so that frequent classes do not dominate."""
    totals = [max(1, sum(row)) for row in confusion.counts]
    shares = [[100 * cell / total for cell in row] for row, total in zip(confusion.counts, totals, strict=True)]
    trace = {
        "type": "heatmap",
        "z": shares,
        "x": [_broken(answer) for answer in confusion.answers],
        "y": [_broken(option) for option in options],
        "text": [[str(cell) if cell else "" for cell in row] for row in confusion.counts],
        "texttemplate": "%{text}",
        "colorscale": [[0, "--surface"], [1, "--class-0"]],
        "zmin": 0,
        "zmax": 100,
        "xgap": 2,
        "ygap": 2,
        "showscale": False,
        "hovertemplate": "%{y} → %{x}: %{text} (%{z:.0f} %)<extra></extra>",
    }
    layout = {
        "xaxis": {"title": {"text": _("answer")}, "side": "bottom"},
        "yaxis": {"title": _beside(_("truth")), "autorange": "reversed"},
    }
    return {"data": [trace], "layout": layout}


def team_figure(teams: list[Team]) -> Figure:
    """Deferral curves: from the model alone at the left to the panel's average reader at the right."""
    traces = [
        _series(
            place,
            f"{team.model}, {team.panel}",
            [100 * x for x, _y in team.deferral],
            [100 * y for _x, y in team.deferral],
        )
        | {"hovertemplate": "%{x:.0f} % → %{y:.1f} %<extra>%{fullData.name}</extra>"}
        for place, team in enumerate(teams)
    ]
    layout = {
        "xaxis": {"title": {"text": _("handed to people")}, **SHARE_AXIS},
        "yaxis": {"title": _beside(_("right answers of the team")), **SHARE_AXIS},
        "legend": _LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}


def pace_figure(paces: list[Pace]) -> Figure:
    traces = [
        _series(place, pace.label, [x for x, _y in pace.points], [100 * y for _x, y in pace.points])
        | {"mode": "markers", "hovertemplate": "%{x:.0f} s, %{y:.0f} %<extra>%{fullData.name}</extra>"}
        for place, pace in enumerate(paces)
    ]
    layout = {
        "xaxis": {"title": {"text": _("seconds per question (median)")}, "rangemode": "tozero"},
        "yaxis": {"title": _beside(_("right answers")), **SHARE_AXIS},
        "legend": _LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}


def difficulty_figure(questions: list[QuestionResult]) -> Figure:
    """Experts' right answers on each question, the hardest first; above, a mark for each model that is wrong."""
    ordered = sorted(questions, key=lambda q: (-1 if q.expert_share is None else q.expert_share, q.number))
    bars = {
        "type": "bar",
        "name": _("experts"),
        "x": [str(question.number) for question in ordered],
        "y": [100 * (question.expert_share or 0) for question in ordered],
        "marker": {"color": "--accent"},
        "hovertemplate": "%{x}: %{y:.0f} %<extra></extra>",
    }
    marks = [_wrong_marks(ordered, place) for place in range(len(ordered[0].models) if ordered else 0)]
    layout = {
        "xaxis": {"title": {"text": _("question")}, "type": "category", "showgrid": False},
        "yaxis": {
            "title": _beside(_("right answers")),
            "range": [0, 103 + MARK_STEP * len(marks)],
            "dtick": 20,
            "ticksuffix": " %",
        },
        "legend": _LEGEND_ABOVE,
    }
    return {"data": [bars, *marks], "layout": layout}


def _wrong_marks(questions: list[QuestionResult], place: int) -> Figure:
    """A row of marks above the bars, on the questions that the model at ``place`` got wrong."""
    wrong = [str(question.number) for question in questions if not question.models[place].right]
    colour, symbol, _dash = WRONG_MARKS[place % len(WRONG_MARKS)]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": _("version %d is wrong") % questions[0].models[place].model_version,
        "x": wrong,
        "y": [104 + MARK_STEP * place] * len(wrong),
        "marker": {"color": colour, "symbol": symbol, "size": 8},
        "hovertemplate": "%{x}<extra>%{fullData.name}</extra>",
    }


def _beside(text: str) -> Figure:
    """The title of an upright axis, clear of its numbers."""
    return {"text": text, "standoff": 12}


def _broken(label: str) -> str:
    """A long name in lines, broken where its parts are joined."""
    return "<br>".join(wrap(label.replace("+", "+ "), 14)) or label


_LEGEND_ABOVE = {"orientation": "h", "yref": "container", "y": 1, "yanchor": "top", "x": 0}


def _series(place: int, name: str, x: list[float], y: list[float]) -> Figure:
    colour, symbol, dash = SERIES[place % len(SERIES)]
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(x) < 60 else "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": colour, "dash": dash, "width": 2},
        "marker": {"color": colour, "symbol": symbol, "size": 9},
    }


def _whiskers(values: list[float], intervals: list[Interval], factor: float = 100) -> Figure:
    return {
        "type": "data",
        "symmetric": False,
        "array": [factor * (i.high - v) for v, i in zip(values, intervals, strict=True)],
        "arrayminus": [factor * (v - i.low) for v, i in zip(values, intervals, strict=True)],
        "color": "--text",
        "thickness": 1.5,
    }
