"""Plotly figures of the exhibits as dictionaries."""

from textwrap import wrap

from django.utils.translation import gettext as _

from microdb.quizzes.exhibits.styles import (
    AXIS_HEIGHT,
    LEAST_HEIGHT,
    LEGEND_ABOVE,
    MARK_STEP,
    ROW_HEIGHT,
    SHARE_AXIS,
    WRONG_MARKS,
    Figure,
    beside,
    broken,
    series,
    whiskers,
)
from microdb.quizzes.reports import (
    Calibration,
    Confusion,
    KappaRow,
    Pace,
    QuestionResult,
    Team,
)


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
        "error_x": whiskers(values, intervals, factor=1),
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
            series(place, one.label, [100 * found.confidence for found in one.bins], [100 * share for share in shares])
            | {
                "error_y": whiskers(shares, [found.interval for found in one.bins]),
                "text": [_("%d answers") % found.count for found in one.bins],
                "hovertemplate": "%{x:.0f} % → %{y:.0f} %, %{text}<extra>%{fullData.name}</extra>",
            }
        )
    layout = {
        "xaxis": {"title": {"text": _("confidence")}, **SHARE_AXIS},
        "yaxis": {"title": beside(_("right answers")), **SHARE_AXIS},
        "legend": LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}


def confusion_figure(confusion: Confusion, options: list[str]) -> Figure:
    """Counts, coloured by their share of the row, so that frequent classes do not dominate."""
    totals = [max(1, sum(row)) for row in confusion.counts]
    shares = [[100 * cell / total for cell in row] for row, total in zip(confusion.counts, totals, strict=True)]
    trace = {
        "type": "heatmap",
        "z": shares,
        "x": [broken(answer) for answer in confusion.answers],
        "y": [broken(option) for option in options],
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
        "yaxis": {"title": beside(_("truth")), "autorange": "reversed"},
    }
    return {"data": [trace], "layout": layout}


def team_figure(teams: list[Team]) -> Figure:
    """Deferral curves: from the model alone at the left to the panel's average reader at the right."""
    traces = [
        series(
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
        "yaxis": {"title": beside(_("right answers of the team")), **SHARE_AXIS},
        "legend": LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}


def pace_figure(paces: list[Pace]) -> Figure:
    traces = [
        series(place, pace.label, [x for x, _y in pace.points], [100 * y for _x, y in pace.points])
        | {"mode": "markers", "hovertemplate": "%{x:.0f} s, %{y:.0f} %<extra>%{fullData.name}</extra>"}
        for place, pace in enumerate(paces)
    ]
    layout = {
        "xaxis": {"title": {"text": _("seconds per question (median)")}, "rangemode": "tozero"},
        "yaxis": {"title": beside(_("right answers")), **SHARE_AXIS},
        "legend": LEGEND_ABOVE,
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
            "title": beside(_("right answers")),
            "range": [0, 103 + MARK_STEP * len(marks)],
            "dtick": 20,
            "ticksuffix": " %",
        },
        "legend": LEGEND_ABOVE,
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
