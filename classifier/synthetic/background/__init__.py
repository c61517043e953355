"""Drawn micrographs of many other materials: a background that a model learns not to recognise.

Sizes are shares of the picture's side, not micrometres: the background has no scale of its own.
"""

import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ClassifierError
from classifier.synthetic.background import particles, phases, polycrystals, surfaces
from classifier.synthetic.field import Field, View
from classifier.synthetic.imaging import add_imaging

__all__ = ["BACKGROUND_KINDS", "draw_background"]

Structure = Callable[[View, np.random.Generator, np.random.Generator], Field]

STRUCTURES: dict[str, Structure] = {
    "powder": particles.powder,
    "pores": particles.pores,
    "fibre-sections": particles.fibre_sections,
    "platelets": particles.platelets,
    "cubes": phases.cubes,
    "spinodal": phases.spinodal,
    "rods": phases.rods,
    "dendrites": phases.dendrites,
    "rock": polycrystals.rock,
    "twins": polycrystals.twins,
    "laths": polycrystals.laths,
    "cracks": polycrystals.cracks,
    "dimples": surfaces.dimples,
    "topography": surfaces.topography,
    "layers": surfaces.layers,
    "patches": surfaces.patches,
}
BACKGROUND_KINDS = tuple(STRUCTURES)
SMALLEST_SIDE, LARGEST_SIDE = 64, 2048
"""Pixels."""


def draw_background(kind: str, *, seed: int, side: int = 448) -> NDArray[np.uint8]:
    """Draw a square micrograph (side, side) of one of `BACKGROUND_KINDS`; the same arguments give the same pixels.

    Raises ClassifierError for an unknown kind, a negative seed or a side out of bounds.
    """
    if kind not in STRUCTURES:
        raise ClassifierError(f"Wanted one of {', '.join(STRUCTURES)}; given {kind!r}. Name one of these materials.")
    if seed < 0:
        raise ClassifierError(f"Wanted a seed of 0 or more; given {seed}. Give a whole number from 0.")
    if not SMALLEST_SIDE <= side <= LARGEST_SIDE:
        raise ClassifierError(
            f"Wanted a side of {SMALLEST_SIDE} to {LARGEST_SIDE} pixels; given {side}. Choose one in between."
        )
    view = View(side, side, 1.0)
    identity = zlib.crc32(kind.encode())
    material, rng = np.random.default_rng([identity, seed, 1]), np.random.default_rng([identity, seed, 2])
    brightness = STRUCTURES[kind](view, material, rng)
    return add_imaging(view, np.clip(brightness, -0.5, 1.5), rng)
