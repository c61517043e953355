"""The descriptor map: the numbers behind a plot like the paper's Fig. 2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.arrays import Flags, Floats
from classifier.triplet.mixture import Mixture

MOST_POINTS = 2000
"""Points kept for drawing."""
SKETCH_POINTS = 300
"""Points of the map while it forms."""
CELLS = 60
"""Grid points along each axis."""


@dataclass(frozen=True)
class MapPoints:
    """Descriptors (n, d) of training crops with their labels (n,), and the projection to two dimensions: subtract
    `mean` (d,), multiply by `axes` (d, 2). Two-dimensional descriptors are not changed.

    `outside` (n,) are the crops that the rule calls none of these."""

    points: Floats
    labels: NDArray[np.int64]
    outside: Flags
    mean: Floats
    axes: Floats

    @classmethod
    def of(cls, descriptors: Floats, labels: NDArray[np.int64], outside: Flags) -> "MapPoints":
        """Keep evenly spaced descriptors; more than two dimensions are projected to their principal axes."""
        chosen = np.unique(np.linspace(0, len(labels) - 1, min(MOST_POINTS, len(labels))).astype(int))
        dimensions = descriptors.shape[1]
        mean, axes = np.zeros(dimensions), np.eye(dimensions)[:, :2]
        if dimensions > 2:
            mean = descriptors.mean(0)
            axes = np.linalg.svd(descriptors - mean, full_matrices=False)[2][:2].T
        return cls(descriptors[chosen], labels[chosen], outside[chosen], mean, axes)

    def project(self, descriptors: Floats) -> Floats:
        """Descriptors (n, d) as positions on the map (n, 2)."""
        return (descriptors - self.mean) @ self.axes


def map_points_of(arrays: Mapping[str, Any]) -> MapPoints:
    """The inverse of `vars` of the points. Models trained before `outside` was kept have none."""
    outside = arrays.get("outside", np.zeros(len(arrays["labels"]), np.bool_))
    return MapPoints(outside=outside, **{key: arrays[key] for key in ("points", "labels", "mean", "axes")})


def sketch(descriptors: Floats, labels: NDArray[np.int64], classes: Sequence[str]) -> dict[str, Any]:
    """The map as it is while a network learns, JSON-able: positions of evenly spaced descriptors, and their labels."""
    chosen = np.unique(np.linspace(0, len(labels) - 1, min(SKETCH_POINTS, len(labels))).astype(int))
    points = MapPoints.of(descriptors[chosen], labels[chosen], np.zeros(len(chosen), np.bool_))
    return {
        "points": points.project(points.points).round(3).tolist(),
        "labels": [classes[one] for one in points.labels],
    }


def descriptor_map(points: MapPoints, mixture: Mixture, classes: Sequence[str]) -> dict[str, Any]:
    """Points, their labels, which are none of these, the mixture's log-likelihood on a grid, and the threshold or None;
    JSON-able.

    With more than two dimensions the grid shows the mixture's marginal on the map's plane. Its threshold rejects the
    same share of the points as the true threshold does.
    """
    positions = points.project(points.points)
    flat, threshold = mixture, mixture.threshold
    if points.axes.shape[0] > 2:
        covariances = points.axes.T @ mixture.covariances @ points.axes
        flat = Mixture(points.project(mixture.means), covariances, mixture.weights)
        rejected = float((mixture.log_likelihood(points.points) < mixture.threshold).mean())
        threshold = float(np.quantile(flat.log_likelihood(positions), rejected))
    low, high = positions.min(0), positions.max(0)
    margin = 0.15 * (high - low) + 1e-3
    x, y = (np.linspace(low[axis] - margin[axis], high[axis] + margin[axis], CELLS) for axis in (0, 1))
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return {
        "points": positions.round(4).tolist(),
        "labels": [classes[label] for label in points.labels],
        "outside": points.outside.tolist(),
        "grid": {
            "x": x.round(4).tolist(),
            "y": y.round(4).tolist(),
            "log_likelihood": flat.log_likelihood(grid).reshape(CELLS, CELLS).round(3).tolist(),
        },
        "threshold": threshold if np.isfinite(mixture.threshold) else None,
        "classes": list(classes),
    }
