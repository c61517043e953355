"""Grains with curved boundaries, and particles scattered without overlap."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from classifier.synthetic.field import Field, Index, View, coverage, noise

Points = NDArray[np.float64]
SMALLEST_CELL = 5
"""Pixels. Smaller cells are drawn with this size and faded, which also limits their number."""
FAR = np.float32(9e9)
"""Micrometres."""


@dataclass(frozen=True)
class Grains:
    """A tessellation: for each pixel its grain, the nearest neighbouring grain, and the distance to their boundary."""

    points: Points  # (n, 2) micrometres, x and y
    inside: Index  # (height, width) index of the grain
    neighbour: Index  # (height, width) index of the grain across the nearest boundary
    to_boundary: Field  # (height, width) micrometres
    fade: float  # 1 if grains are resolved, less if a pixel averages several

    def each(self, values: NDArray[np.floating]) -> Field:
        """One value per grain, as a field."""
        return values.astype(np.float32)[self.inside]

    @property
    def boundary_key(self) -> Index:
        """A hash of each boundary, the same on both sides."""
        low, high = np.minimum(self.inside, self.neighbour), np.maximum(self.inside, self.neighbour)
        key: Index = low * 31 + high * 613
        return key


def scatter(
    view: View, rng: np.random.Generator, spacing: float, jitter: float = 0.45, missing: float = 0.15
) -> Points:
    """Points about `spacing` micrometres apart, in the view and a margin of three spacings around it."""
    axes = [np.arange(-3 * spacing, length + 3 * spacing, spacing) for length in view.extent]
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    grid = grid[rng.random(len(grid)) >= missing]
    shift = rng.random(2) - 0.5
    return grid + (rng.uniform(-jitter, jitter, grid.shape) + shift) * spacing


def candidates(points: Points, radii: NDArray[np.floating], x: Field, y: Field, step: int, count: int) -> Index:
    """The `count` points of least power distance, (count, height, width), computed on every `step`th pixel.

    The power distance, squared distance minus squared radius, is an ordinary distance in three dimensions.
    """
    height, width = x.shape
    lift = np.sqrt(np.maximum(np.max(radii) ** 2 - radii**2, 0))
    rows = np.minimum(np.arange(step // 2, height + step // 2, step), height - 1)
    columns = np.minimum(np.arange(step // 2, width + step // 2, step), width - 1)
    where = np.ix_(rows, columns)
    at = np.stack([x[where], y[where], np.zeros((len(rows), len(columns)), np.float32)], axis=-1)
    _, found = cKDTree(np.column_stack([points, lift]), compact_nodes=False, balanced_tree=False).query(at, k=count)
    found = np.moveaxis(found, -1, 0).astype(np.int32)
    return np.repeat(np.repeat(found, step, axis=1), step, axis=2)[:, :height, :width]


def grains(view: View, rng: np.random.Generator, size: float, *, spread: float = 0.25, curl: float = 0.12) -> Grains:
    """Grains of mean diameter `size` micrometres; `spread` is of their sizes, `curl` the curvature of boundaries."""
    drawn = max(size, SMALLEST_CELL * view.pixel)
    points = scatter(view, rng, drawn * 0.92)
    radii = np.clip(rng.normal(0.35, spread, len(points)), 0, 0.8) * drawn
    x, y = (
        axis + np.float32(curl * drawn) * (noise(view, rng, drawn * 0.8) + 0.2 * noise(view, rng, drawn * 0.25))
        for axis in (view.x, view.y)
    )
    step = 3 if drawn > size else int(np.clip(drawn / view.pixel / 3, 2, 12))
    inside, neighbour, distance = tessellate(points, radii, x, y, candidates(points, radii, x, y, step, 5))
    return Grains(points, inside, neighbour, distance, size / drawn)


def tessellate(
    points: Points, radii: NDArray[np.floating], x: Field, y: Field, choices: Index
) -> tuple[Index, Index, Field]:
    """For each pixel, among its `choices`: its grain, the nearest neighbouring grain, and the distance to it."""
    px, py, squared = (values.astype(np.float32) for values in (points[:, 0], points[:, 1], radii**2))
    powers = [(x - px[c]) ** 2 + (y - py[c]) ** 2 - squared[c] for c in choices]
    inside, power = choices[0].copy(), powers[0].copy()
    for choice, other in zip(choices[1:], powers[1:], strict=True):
        closer = other < power
        inside[closer], power[closer] = choice[closer], other[closer]
    neighbour, distance = inside.copy(), np.full(power.shape, FAR)
    own_x, own_y = px[inside], py[inside]
    for choice, other in zip(choices, powers, strict=True):
        apart = np.hypot(px[choice] - own_x, py[choice] - own_y)
        edge = np.where(apart > 0, (other - power) / np.maximum(2 * apart, np.float32(1e-9)), FAR)
        closer = edge < distance
        neighbour = np.where(closer, choice, neighbour)
        distance = np.where(closer, edge, distance)
    return inside, neighbour, distance


@dataclass(frozen=True)
class Particles:
    """Rounded particles: the share of each pixel that they cover, and the distance to the nearest edge."""

    share: Field  # (height, width), 0 to 1
    to_edge: Field  # (height, width) micrometres, negative inside; far outside where particles are unresolved
    nearest: Index  # (height, width) index of the nearest particle
    fade: float  # 1 where particles are resolved


def particles(
    view: View, rng: np.random.Generator, *, diameter: float, spread: float, fraction: float, facets: float = 0.3
) -> Particles:
    """Particles of log-normal size that cover `fraction`: mean `diameter` in micrometres, `spread` of its logarithm."""
    spacing = diameter * float(np.sqrt(np.pi / 4 * np.exp(spread**2) / fraction))
    coarser = max(1.0, 1.5 * view.pixel / spacing)
    points = scatter(view, rng, spacing * coarser * 0.92)
    radii = diameter * coarser / 2 * np.exp(rng.normal(-(spread**2) / 2, spread, len(points)))
    centres, sizes = _without_overlap(points, np.minimum(radii, 1.5 * diameter * coarser))
    if spacing < SMALLEST_CELL * view.pixel:
        return _unresolved(view, centres, sizes, 1 / coarser)
    return _resolved(view, rng, centres, sizes, facets, spacing)


def _without_overlap(points: Points, radii: NDArray[np.floating]) -> tuple[Points, NDArray[np.floating]]:
    """Drop the smaller of two particles that overlap deeply."""
    pairs = cKDTree(points).query_pairs(1.9 * float(np.quantile(radii, 0.995)), output_type="ndarray")
    first, second = pairs[:, 0], pairs[:, 1]
    overlap = np.hypot(*(points[first] - points[second]).T) < 0.95 * (radii[first] + radii[second])
    smaller = np.where(radii[first] < radii[second], first, second)[overlap]
    keep = np.ones(len(points), bool)
    keep[smaller] = False
    return points[keep], radii[keep]


def _unresolved(view: View, points: Points, radii: NDArray[np.floating], fade: float) -> Particles:
    """Particles of about a pixel or less: each adds its area to its pixel."""
    column, row = (points * view.pixels_per_micrometre).astype(int).T
    visible = (column >= 0) & (row >= 0) & (column < view.width) & (row < view.height) & (points.min(axis=1) >= 0)
    area = np.pi * (radii[visible] * view.pixels_per_micrometre) ** 2
    total = np.bincount(row[visible] * view.width + column[visible], area, view.width * view.height)
    share = total.reshape(view.height, view.width).astype(np.float32)
    share = gaussian_filter(share, max(0.4, 0.5 * float(np.mean(radii)) * view.pixels_per_micrometre))
    mean = share.mean()
    share = np.clip(mean + (share - mean) * np.float32(fade), 0, 1)
    return Particles(share, np.full_like(share, FAR), np.zeros(share.shape, np.int32), 0.0)


def _resolved(
    view: View, rng: np.random.Generator, points: Points, radii: NDArray[np.floating], facets: float, spacing: float
) -> Particles:
    """Particles drawn one by one, with a random orientation, aspect ratio and squareness."""
    angle, stretch = rng.uniform(0, np.pi, len(points)), np.exp(rng.uniform(-0.25, 0.25, len(points)))
    square = rng.uniform(0, facets, len(points))
    table = np.column_stack([points, np.cos(angle), np.sin(angle), stretch, square, radii]).astype(np.float32)
    ragged = np.float32(0.05 * np.mean(radii))
    x, y = (axis + ragged * noise(view, rng, float(np.mean(radii))) for axis in (view.x, view.y))
    step = int(np.clip(spacing * view.pixels_per_micrometre / 4, 2, 8))
    to_edge, nearest = np.full(x.shape, FAR), np.zeros(x.shape, np.int32)
    for choice in candidates(points, radii, x, y, step, 3):
        px, py, cos, sin, longer, corner, radius = np.moveaxis(table[choice], -1, 0)
        along = np.abs((x - px) * cos + (y - py) * sin) / longer
        across = np.abs((y - py) * cos - (x - px) * sin) * longer
        distance = (1 - corner) * np.hypot(along, across) + corner * np.maximum(along, across) * 1.12 - radius
        closer = distance < to_edge
        to_edge = np.where(closer, distance, to_edge)
        nearest = np.where(closer, choice, nearest)
    return Particles(coverage(to_edge, view.pixel), to_edge, nearest, 1.0)
