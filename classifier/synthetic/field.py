"""The field of view in micrometres, and the random fields that every drawn structure is made of.

Nothing is supersampled: edges are drawn by their distance in micrometres, spread over one pixel, and what is finer than
the pixels fades to its mean. So a structure at another scale looks as it would, without aliasing.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.floating]  # float32 in practice, for speed
Index = NDArray[np.integer]
TABLE_SIZE = 8192


@dataclass(frozen=True)
class View:
    """A rectangle of the specimen: width and height in pixels, and its scale."""

    width: int
    height: int
    pixels_per_micrometre: float

    @property
    def pixel(self) -> float:
        """Side of a pixel, in micrometres."""
        return 1.0 / self.pixels_per_micrometre

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height in micrometres."""
        return self.width * self.pixel, self.height * self.pixel

    @cached_property
    def x(self) -> Field:
        """(height, width), micrometres from the left edge to each pixel's centre."""
        row = (np.arange(self.width, dtype=np.float32) + 0.5) * np.float32(self.pixel)
        return np.broadcast_to(row, (self.height, self.width))

    @cached_property
    def y(self) -> Field:
        """(height, width), micrometres from the top edge to each pixel's centre."""
        column = (np.arange(self.height, dtype=np.float32) + 0.5) * np.float32(self.pixel)
        return np.broadcast_to(column[:, None], (self.height, self.width))


def noise(view: View, rng: np.random.Generator, length: float) -> Field:
    """A smooth random field (height, width) of mean 0 and spread about 0.7 that varies over `length` micrometres.

    Finer than two pixels it is drawn at two pixels, weaker by the square root of the areas that a pixel averages.
    """
    cell = max(length, 2 * view.pixel)
    columns, rows = view.extent[0] / cell, view.extent[1] / cell
    knots = rng.standard_normal((int(rows) + 6, int(columns) + 6), dtype=np.float32)
    left, top = rng.uniform(2, 3, 2)
    box = (left, top, left + columns, top + rows)
    drawn = Image.fromarray(knots).resize((view.width, view.height), Image.Resampling.BICUBIC, box=box)
    return np.asarray(drawn, dtype=np.float32) * np.float32(length / cell)


def turbulence(view: View, rng: np.random.Generator, length: float, octaves: int = 3) -> Field:
    """Noise of `length` micrometres with finer and weaker noise on it."""
    total = noise(view, rng, length)
    for octave in range(1, octaves):
        total = total + noise(view, rng, length / 2**octave) * np.float32(0.5**octave)
    return total


def coverage(distance: Any, footprint: float) -> Field:
    """How much of a pixel of size `footprint` lies inside, for a signed distance to the edge (negative is inside)."""
    return np.clip(0.5 - np.asarray(distance, dtype=np.float32) / np.float32(footprint), 0, 1)


def line(distance: Field, width: Any, footprint: float) -> Field:
    """Share of a pixel covered by a line `width` wide, its middle at `distance` 0; thin lines fade, never alias."""
    half = np.asarray(width, dtype=np.float32) / 2
    reach = np.clip(half + footprint / 2 - np.abs(distance), 0, footprint)
    return np.minimum(reach, 2 * half) / np.float32(footprint)


def stripes(phase: Field, half_width: Field, footprint: Field) -> Field:
    """Share of a pixel covered by stripes centred on every whole `phase`: the exact integral over the footprint.

    All three are in periods; from a footprint of one period on only the mean is left.
    """

    def integral(at: Field) -> Field:
        whole = np.rint(at)
        return whole * 2 * half_width + np.clip(at - whole, -half_width, half_width)

    half = np.minimum(footprint, 2.0) / 2
    mean = 2 * half_width
    drawn = (integral(phase + half) - integral(phase - half)) / (2 * half)
    return mean + (drawn - mean) * np.clip(2 - 1.6 * footprint, 0, 1)


@dataclass(frozen=True)
class Hashed:
    """Random numbers that belong to whole-number keys: the same key always finds the same number."""

    values: Field

    @classmethod
    def normal(cls, rng: np.random.Generator) -> "Hashed":
        return cls(rng.standard_normal(TABLE_SIZE, dtype=np.float32))

    @classmethod
    def uniform(cls, rng: np.random.Generator) -> "Hashed":
        return cls(rng.random(TABLE_SIZE, dtype=np.float32))

    def __getitem__(self, key: Index) -> Field:
        return self.values[key & (TABLE_SIZE - 1)]

    def along(self, key: Index, position: Field) -> Field:
        """A smooth run of numbers along `position` (knots at whole numbers), another for each key."""
        knot = np.floor(position)
        share = position - knot
        share = share * share * (3 - 2 * share)
        first = key + knot.astype(np.int32) * 37
        before = self[first]
        return before + (self[first + 37] - before) * share


def needles(rng: np.random.Generator, u: Field, v: Field, key: Index) -> tuple[Index, Field]:
    """Cells around one jittered point per unit square of (u, v): key of each pixel's cell, and distance to its edge.

    With u measured in lath lengths and v in lath widths the cells are pointed laths; the distance is in widths.
    """
    across, along = Hashed.uniform(rng), Hashed.uniform(rng)
    column, row = np.floor(u), np.floor(v)
    inside_u, inside_v = u - column, v - row
    base = column.astype(np.int32) * 157 + row.astype(np.int32) * 1021 + key * 7919
    nearest = np.full(u.shape, 99, dtype=np.float32)
    second, owner = nearest.copy(), base.copy()
    for du in (-1, 0, 1):
        for dv in (-1, 0, 1):
            cell = (base + (du * 157 + dv * 1021)) & (TABLE_SIZE - 1)
            squared = (along.values[cell] + (du - inside_u)) ** 2 + (across.values[cell] + (dv - inside_v)) ** 2
            closer = squared < nearest
            second = np.where(closer, nearest, np.minimum(second, squared))
            owner = np.where(closer, cell, owner)
            nearest = np.minimum(nearest, squared)
    return owner, (np.sqrt(second) - np.sqrt(nearest)) / 2
