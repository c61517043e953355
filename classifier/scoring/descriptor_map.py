"""The descriptor map: the numbers behind a plot like the paper's Fig. 2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.arrays import Flags, Floats, Index
from classifier.triplet.mixture import Mixture

MOST_POINTS = 2000
"""Points kept for drawing."""
SKETCH_POINTS = 300
"""Points of the map while it forms."""
CELLS = 60
"""Grid points along each axis."""


@dataclass(frozen=True)
class TrainingCrops:
    """Descriptors (n, d) of training crops, with their labels (n,) and their owners (n,): the indices of their
    micrographs among those that were trained on.

    `evidence` (n,) is what the rule compares with a limit, above which a crop is none of these; `outside` (n,) are
    those crops.
    """

    descriptors: Floats
    labels: NDArray[np.int64]
    owners: NDArray[np.int64]
    evidence: Floats
    outside: Flags


@dataclass(frozen=True)
class MapPoints:
    """Training crops, see `TrainingCrops`, and the projection of their descriptors `points` (n, d) to two dimensions:
    subtract `mean` (d,), multiply by `axes` (d, 2). Two-dimensional descriptors are not changed."""

    points: Floats
    labels: NDArray[np.int64]
    owners: NDArray[np.int64]
    evidence: Floats
    outside: Flags
    mean: Floats
    axes: Floats

    @classmethod
    def of(cls, crops: TrainingCrops) -> "MapPoints":
        """Keep evenly spaced crops; more than two dimensions are projected to their principal axes."""
        kept = _evenly(len(crops.labels), MOST_POINTS)
        mean, axes = _plane(crops.descriptors)
        return cls(
            points=crops.descriptors[kept],
            labels=crops.labels[kept],
            owners=crops.owners[kept],
            evidence=crops.evidence[kept],
            outside=crops.outside[kept],
            mean=mean,
            axes=axes,
        )

    def project(self, descriptors: Floats) -> Floats:
        """Descriptors (n, d) as positions on the map (n, 2)."""
        return (descriptors - self.mean) @ self.axes


def map_points_of(arrays: Mapping[str, Any]) -> MapPoints:
    """The inverse of `vars` of the points. Older models kept fewer facts: `owners` is -1 and the others 0 there."""
    count = len(arrays["labels"])
    missing = {"owners": np.full(count, -1), "evidence": np.zeros(count), "outside": np.zeros(count, np.bool_)}
    return MapPoints(**{one.name: arrays.get(one.name, missing.get(one.name)) for one in fields(MapPoints)})


def sketch(descriptors: Floats, labels: NDArray[np.int64], classes: Sequence[str]) -> dict[str, Any]:
    """The map as it is while a network learns, JSON-able: positions of evenly spaced descriptors, and their labels."""
    kept = _evenly(len(labels), SKETCH_POINTS)
    mean, axes = _plane(descriptors[kept])
    return {
        "points": ((descriptors[kept] - mean) @ axes).round(3).tolist(),
        "labels": [classes[one] for one in labels[kept]],
    }


def descriptor_map(points: MapPoints, mixture: Mixture, classes: Sequence[str]) -> dict[str, Any]:
    """Points with their labels, owners, evidence and whether they are none of these, the mixture's log-likelihood on a
    grid, and the threshold or None; JSON-able.

    With more than two dimensions the grid shows the mixture's marginal on the map's plane. Its threshold rejects the
    same share of the points as the true threshold does. `misplaced` counts the points on whose side of the threshold
    the rule decides otherwise, None without one.
    """
    positions = points.project(points.points)
    flat, threshold = mixture, mixture.threshold
    if points.axes.shape[0] > 2:
        covariances = points.axes.T @ mixture.covariances @ points.axes
        flat = Mixture(points.project(mixture.means), covariances, mixture.weights)
        rejected = float((mixture.log_likelihood(points.points) < mixture.threshold).mean())
        threshold = float(np.quantile(flat.log_likelihood(positions), rejected))
    has_threshold = bool(np.isfinite(mixture.threshold))
    misplaced = int(((flat.log_likelihood(positions) < threshold) != points.outside).sum()) if has_threshold else None
    low, high = positions.min(0), positions.max(0)
    margin = 0.15 * (high - low) + 1e-3
    x, y = (np.linspace(low[axis] - margin[axis], high[axis] + margin[axis], CELLS) for axis in (0, 1))
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return {
        "points": positions.round(4).tolist(),
        "labels": [classes[label] for label in points.labels],
        "owners": points.owners.tolist(),
        "evidence": points.evidence.round(3).tolist(),
        "outside": points.outside.tolist(),
        "grid": {
            "x": x.round(4).tolist(),
            "y": y.round(4).tolist(),
            "log_likelihood": flat.log_likelihood(grid).reshape(CELLS, CELLS).round(3).tolist(),
        },
        "threshold": threshold if has_threshold else None,
        "misplaced": misplaced,
        "classes": list(classes),
    }


def _evenly(count: int, most: int) -> Index:
    """At most `most` of `count` indices, evenly spaced."""
    return np.unique(np.linspace(0, count - 1, min(most, count)).astype(int))


def _plane(descriptors: Floats) -> tuple[Floats, Floats]:
    """The `mean` and `axes` of descriptors (n, d): their principal plane, or the plane itself."""
    dimensions = descriptors.shape[1]
    if dimensions <= 2:
        return np.zeros(dimensions), np.eye(dimensions)[:, :2]
    mean = descriptors.mean(0)
    return mean, np.linalg.svd(descriptors - mean, full_matrices=False)[2][:2].T
