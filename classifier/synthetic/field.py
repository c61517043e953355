"""The field of view in micrometres, and the random fields that drawn structures consist of.

Edges are antialiased analytically, by their distance in micrometres over the size of a pixel, and structures finer than
a pixel fade to their mean. So a structure is drawn correctly at any scale, without supersampling.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.floating]
"""One value per pixel, (height, width); float32, for speed."""
Index = NDArray[np.integer]
TABLE_SIZE = 8192
"""Random numbers in a Hashed table; a power of two."""


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
    """A smooth random field (height, width) of mean 0 and deviation about 0.7 that varies over `length` micrometres.

    A length below two pixels is drawn as two pixels, with the amplitude that averaging over a pixel leaves.
    """
    cell = max(length, 2 * view.pixel)
    columns, rows = view.extent[0] / cell, view.extent[1] / cell
    knots = rng.standard_normal((int(rows) + 6, int(columns) + 6), dtype=np.float32)
    left, top = rng.uniform(2, 3, 2)
    box = (left, top, left + columns, top + rows)
    drawn = Image.fromarray(knots).resize((view.width, view.height), Image.Resampling.BICUBIC, box=box)
    return np.asarray(drawn, dtype=np.float32) * np.float32(length / cell)


def turbulence(view: View, rng: np.random.Generator, length: float, octaves: int = 3) -> Field:
    """Noise of `length` micrometres plus octaves of half the length and half the amplitude each."""
    total = noise(view, rng, length)
    for octave in range(1, octaves):
        total = total + noise(view, rng, length / 2**octave) * np.float32(0.5**octave)
    return total


def coverage(distance: Any, footprint: float) -> Field:
    """Share of a pixel of size `footprint` that is inside, for a signed distance to the edge (negative is inside)."""
    share: Field = np.clip(0.5 - np.asarray(distance, dtype=np.float32) / np.float32(footprint), 0, 1)
    return share


def line(distance: Field, width: Any, footprint: float) -> Field:
    """Share of a pixel covered by a line of `width` whose middle is at `distance` 0; lines below a pixel fade."""
    half = np.asarray(width, dtype=np.float32) / 2
    reach = np.clip(half + footprint / 2 - np.abs(distance), 0, footprint)
    share: Field = np.minimum(reach, 2 * half) / np.float32(footprint)
    return share


def stripes(phase: Field, half_width: Field, footprint: Field) -> Field:
    """Share of a pixel covered by stripes centred on every whole `phase`: the exact integral over the footprint.

    All three are in periods. With a footprint of more than a period only the mean remains.
    """

    def integral(at: Field) -> Field:
        whole = np.rint(at)
        covered: Field = whole * 2 * half_width + np.clip(at - whole, -half_width, half_width)
        return covered

    half = np.minimum(footprint, 2.0) / 2
    mean = 2 * half_width
    drawn = (integral(phase + half) - integral(phase - half)) / (2 * half)
    share: Field = mean + (drawn - mean) * np.clip(2 - 1.6 * footprint, 0, 1)
    return share


@dataclass(frozen=True)
class Hashed:
    """Random numbers by integer key: the same key always has the same number."""

    values: Field

    @classmethod
    def normal(cls, rng: np.random.Generator) -> "Hashed":
        return cls(rng.standard_normal(TABLE_SIZE, dtype=np.float32))

    @classmethod
    def uniform(cls, rng: np.random.Generator) -> "Hashed":
        return cls(rng.random(TABLE_SIZE, dtype=np.float32))

    def __getitem__(self, key: Index) -> Field:
        values: Field = self.values[key & (TABLE_SIZE - 1)]
        return values

    def along(self, key: Index, position: Field) -> Field:
        """Smooth noise along `position`, with knots at whole numbers; different for each key."""
        knot = np.floor(position)
        share = position - knot
        share = share * share * (3 - 2 * share)
        first = key + knot.astype(np.int32) * 37
        before = self[first]
        return before + (self[first + 37] - before) * share


def needles(rng: np.random.Generator, u: Field, v: Field, key: Index) -> tuple[Index, Field]:
    """Cells around one jittered point per unit square of (u, v): each pixel's cell key and distance to its edge.

    With u in lath lengths and v in lath widths, the cells are pointed laths; the distance is in widths.
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
