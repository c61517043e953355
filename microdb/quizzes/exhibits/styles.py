"""How the charts of the exhibits look: colours (names of CSS custom properties), marks, axes and whiskers."""

from textwrap import wrap
from typing import Any

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
LEGEND_ABOVE = {"orientation": "h", "yref": "container", "y": 1, "yanchor": "top", "x": 0}


def beside(text: str) -> Figure:
    """The title of an upright axis, clear of its numbers."""
    return {"text": text, "standoff": 12}


def broken(label: str) -> str:
    """A long name in lines, broken where its parts are joined."""
    return "<br>".join(wrap(label.replace("+", "+ "), 14)) or label


def series(place: int, name: str, x: list[float], y: list[float]) -> Figure:
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


def whiskers(values: list[float], intervals: list[Interval], factor: float = 100) -> Figure:
    return {
        "type": "data",
        "symmetric": False,
        "array": [factor * (i.high - v) for v, i in zip(values, intervals, strict=True)],
        "arrayminus": [factor * (v - i.low) for v, i in zip(values, intervals, strict=True)],
        "color": "--text",
        "thickness": 1.5,
    }
