"""The descriptor map of a trained version (the paper's Fig. 2) as a Plotly figure, and as a table."""

from dataclasses import dataclass
from statistics import fmean
from typing import Any

from django.utils.translation import gettext as _

from microdb import palette
from microdb.training.models import ModelVersion

DEPTH = 25.0
"""How far below the best log-likelihood the contours reach, so that the peaks get most of the colours."""


@dataclass(frozen=True)
class DescriptorRow:
    """One class on the map: how many of its crops are drawn, how many of them are none of these (None for versions that
    did not keep this), and where their centre lies."""

    name: str
    position: int
    crops: int
    outside: int | None
    x: float
    y: float


def descriptor_figure(version: ModelVersion) -> dict[str, Any] | None:
    """Contours of the log-likelihood, the crops in class colours and shapes, the threshold in the text's colour."""
    data = version.descriptor_map
    if not data:
        return None
    classes = [_crops(data, index) for index in range(len(data["classes"]))]
    threshold = [] if data["threshold"] is None else [_threshold(data)]
    return {
        "data": [_contours(data), *classes, *_crops_outside(data), *threshold],
        "layout": {
            "xaxis": {"title": {"text": _("descriptor 1")}, "zeroline": False, "showgrid": False},
            "yaxis": {"title": {"text": _("descriptor 2")}, "zeroline": False, "showgrid": False},
            "legend": {"orientation": "h", "y": -0.18},
            "height": 560,
        },
    }


def score_figure(version: ModelVersion, points: list[list[float]], *, known: bool) -> dict[str, Any] | None:
    """The map with the crops of one scored micrograph: filled circles, or open squares if it is none of these."""
    figure = descriptor_figure(version)
    if figure is None or not points:
        return None
    shape = "circle" if known else palette.NONE_OF_THESE_SHAPE
    crops = {
        "type": "scatter",
        "mode": "markers",
        "name": _("this micrograph") if known else _("this micrograph: none of these"),
        "x": [x for x, _y in points],
        "y": [y for _x, y in points],
        "marker": {"symbol": shape, "color": "--text", "size": 8, "opacity": 0.9},
        "hovertemplate": "%{x:.2f}, %{y:.2f}",
    }
    return {**figure, "data": [*figure["data"], crops]}


def descriptor_rows(version: ModelVersion) -> list[DescriptorRow]:
    """The map as a table: the centre of each class."""
    data = version.descriptor_map
    if not data:
        return []
    rows = []
    for position, name in enumerate(data["classes"]):
        x, y = _places(data, name)
        inside = [one for one, none in zip(data["labels"], _outside(data), strict=True) if not none].count(name)
        outside = len(x) - inside if "outside" in data else None
        rows.append(DescriptorRow(name, position, len(x), outside, fmean(x) if x else 0.0, fmean(y) if y else 0.0))
    return rows


def _places(data: dict[str, Any], name: str) -> tuple[list[float], list[float]]:
    points = [point for point, label in zip(data["points"], data["labels"], strict=True) if label == name]
    return [x for x, _y in points], [y for _x, y in points]


def _outside(data: dict[str, Any]) -> list[bool]:
    """Which crops the model calls none of these; older versions did not keep this."""
    outside: list[bool] = data.get("outside", [False] * len(data["labels"]))
    return outside


def _crops(data: dict[str, Any], index: int) -> dict[str, Any]:
    name = data["classes"][index]
    points = zip(data["points"], data["labels"], _outside(data), strict=True)
    inside = [point for point, label, none in points if label == name and not none]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [x for x, _y in inside],
        "y": [y for _x, y in inside],
        "marker": {
            "symbol": palette.mark(index).shape,
            "color": palette.css_variable(index),
            "size": 7,
            "opacity": 0.75,
        },
        "hovertemplate": "%{x:.2f}, %{y:.2f}",
    }


def _crops_outside(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The crops that the model calls none of these: the shape of none of these in their classes' colours."""
    points = zip(data["points"], data["labels"], _outside(data), strict=True)
    outside = [(*point, label) for point, label, none in points if none]
    if not outside:
        return []
    x, y, labels = zip(*outside, strict=True)
    colours = [palette.css_variable(data["classes"].index(label)) for label in labels]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": _("called none of these"),
            "x": x,
            "y": y,
            "text": labels,
            "marker": {"symbol": palette.NONE_OF_THESE_SHAPE, "color": colours, "size": 8},
            "hovertemplate": "%{text}: %{x:.2f}, %{y:.2f}",
        }
    ]


def _grid(data: dict[str, Any]) -> dict[str, Any]:
    """The grid with everything far below the best cut off."""
    rows = data["grid"]["log_likelihood"]
    best = max(max(row) for row in rows)
    lowest = min(best, best if data["threshold"] is None else data["threshold"]) - DEPTH
    return {
        "type": "contour",
        "x": data["grid"]["x"],
        "y": data["grid"]["y"],
        "z": [[max(value, lowest) for value in row] for row in rows],
        "hoverinfo": "skip",
    }


def _contours(data: dict[str, Any]) -> dict[str, Any]:
    return {
        **_grid(data),
        "name": _("log-likelihood"),
        "colorscale": [[0, "--surface"], [1, "--accent-soft"]],
        "contours": {"coloring": "heatmap"},
        "line": {"width": 0.6, "color": "--line"},
        "colorbar": {"title": {"text": _("log-likelihood"), "side": "right"}, "thickness": 12},
        "ncontours": 14,
        "zorder": -1,
    }


def _threshold(data: dict[str, Any]) -> dict[str, Any]:
    limit = data["threshold"]
    return {
        **_grid(data),
        "name": _("threshold of none of these"),
        "showlegend": True,
        "showscale": False,
        "colorscale": [[0, "--text"], [1, "--text"]],
        "contours": {"type": "levels", "coloring": "lines", "start": limit, "end": limit, "size": 1},
        "line": {"width": 2.5, "color": "--text"},
    }
