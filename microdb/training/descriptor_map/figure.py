"""What the script draws the map from."""

from typing import Any

from microdb import palette

DEPTH = 25.0
"""How far below the best log-likelihood the background reaches, so that the peaks get most of the colours."""


def map_figure(data: dict[str, Any]) -> dict[str, Any]:
    """Crops with the places of their classes and micrographs, the marks of the classes, and the background; JSON-able.

    ``data`` comes from ``shown_map``. An owner is -1 where the crop's micrograph can't be opened.
    """
    places = {name: place for place, name in enumerate(data["classes"])}
    count = len(data["labels"])
    micrographs = data.get("micrographs", [])
    owners = data.get("owners", [-1] * count)
    return {
        "classes": [
            {"name": name, "shape": palette.mark(place).shape, "colour": palette.css_variable(place)}
            for name, place in places.items()
        ],
        "none_of_these": palette.NONE_OF_THESE_SHAPE,
        "micrographs": micrographs,
        "crops": {
            "x": [x for x, _y in data["points"]],
            "y": [y for _x, y in data["points"]],
            "label": [places[label] for label in data["labels"]],
            "owner": [owner if micrographs and micrographs[owner] else -1 for owner in owners],
            "evidence": data.get("evidence", []),
            "outside": data.get("outside", [False] * count),
        },
        "background": _background(data),
        "threshold": data["threshold"],
    }


def _background(data: dict[str, Any]) -> dict[str, Any]:
    """The log-likelihood on a grid, with everything far below the best cut off."""
    rows = data["grid"]["log_likelihood"]
    best = max(max(row) for row in rows)
    lowest = min(best, best if data["threshold"] is None else data["threshold"]) - DEPTH
    return {"x": data["grid"]["x"], "y": data["grid"]["y"], "z": [[max(one, lowest) for one in row] for row in rows]}
