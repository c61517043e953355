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


@dataclass(frozen=True)
class _Crop:
    """A training crop on the map, and whether the model calls it none of these."""

    x: float
    y: float
    label: str
    outside: bool


def descriptor_figure(version: ModelVersion) -> dict[str, Any] | None:
    """Contours of the log-likelihood, the crops in class colours and shapes, the threshold in the text's colour."""
    data = version.descriptor_map
    if not data:
        return None
    classes = [_crops_inside(data, index) for index in range(len(data["classes"]))]
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
    rows, crops = [], _crops(data)
    for position, name in enumerate(data["classes"]):
        own = [crop for crop in crops if crop.label == name]
        x = fmean(crop.x for crop in own) if own else 0.0
        y = fmean(crop.y for crop in own) if own else 0.0
        outside = sum(crop.outside for crop in own) if "outside" in data else None
        rows.append(DescriptorRow(name, position, len(own), outside, x, y))
    return rows


def _crops(data: dict[str, Any]) -> list[_Crop]:
    outside = data.get("outside", [False] * len(data["labels"]))  # older versions did not keep it
    return [_Crop(*point, *about) for point, *about in zip(data["points"], data["labels"], outside, strict=True)]


def _crops_inside(data: dict[str, Any], index: int) -> dict[str, Any]:
    """The crops of one class, but for those that the model calls none of these."""
    name = data["classes"][index]
    inside = [crop for crop in _crops(data) if crop.label == name and not crop.outside]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [crop.x for crop in inside],
        "y": [crop.y for crop in inside],
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
    outside = [crop for crop in _crops(data) if crop.outside]
    if not outside:
        return []
    colours = [palette.css_variable(data["classes"].index(crop.label)) for crop in outside]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": _("called none of these"),
            "x": [crop.x for crop in outside],
            "y": [crop.y for crop in outside],
            "text": [crop.label for crop in outside],
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
