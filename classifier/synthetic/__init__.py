"""Drawn micrographs with a known class, scale and specimen, for the demo and the tests.

Structures are defined in micrometres and drawn at any scale. `specimen` determines the material (grain size, spacing,
etch), `seed` the field of view and the imaging. The same arguments always give the same pixels.
"""

import math
import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ClassifierError
from classifier.synthetic import others, steels
from classifier.synthetic.data_bar import draw_data_bar
from classifier.synthetic.field import Field, View
from classifier.synthetic.imaging import add_imaging

__all__ = ["DRAWN_CLASSES", "OTHER_MATERIALS", "SCALE_RANGES", "draw_micrograph", "draw_other"]

Structure = Callable[[View, np.random.Generator, np.random.Generator], Field]

STEELS: dict[str, Structure] = {
    "equiaxed-ferrite": steels.ferrite,
    "pearlite": steels.pearlite,
    "martensite": steels.martensite,
    "spheroidite": steels.spheroidite,
    "widmanstatten": steels.widmanstatten,
}
OTHERS: dict[str, Structure] = {"foam": others.foam, "cast-iron": others.cast_iron, "fibres": others.fibres}

DRAWN_CLASSES, OTHER_MATERIALS = tuple(STEELS), tuple(OTHERS)

SCALE_RANGES: dict[str, tuple[float, float]] = {
    "equiaxed-ferrite": (2.0, 20.0),
    "pearlite": (5.0, 40.0),
    "martensite": (4.0, 35.0),
    "spheroidite": (4.0, 40.0),
    "widmanstatten": (2.5, 25.0),
    "foam": (2.0, 20.0),
    "cast-iron": (2.0, 20.0),
    "fibres": (2.0, 25.0),
}
"""Realistic pixels per micrometre. All ranges contain 5 to 20, so the scale alone determines no class."""

SMALLEST_SIDE, LARGEST_SIDE = 16, 8192
"""Pixels."""
SMALLEST_DRAWN_SCALE, LARGEST_DRAWN_SCALE = 0.001, 100_000.0
"""Pixels per micrometre: a pixel of a millimetre, and of 0.01 nanometres."""


def draw_micrograph(
    material_class: str,
    *,
    pixels_per_micrometre: float,
    seed: int,
    specimen: int = 0,
    width: int = 640,
    height: int = 480,
    data_bar: bool = False,
) -> NDArray[np.uint8]:
    """Draw a micrograph (height, width) of one of `DRAWN_CLASSES`, with a data bar at the bottom if `data_bar`.

    Raises ClassifierError for an unknown class, or a scale, size or seed out of bounds.
    """
    return _draw(STEELS, material_class, pixels_per_micrometre, seed, specimen, width, height, data_bar)


def draw_other(
    kind: str,
    *,
    pixels_per_micrometre: float,
    seed: int,
    specimen: int = 0,
    width: int = 640,
    height: int = 480,
    data_bar: bool = False,
) -> NDArray[np.uint8]:
    """Draw a micrograph of one of `OTHER_MATERIALS`, as `draw_micrograph` does."""
    return _draw(OTHERS, kind, pixels_per_micrometre, seed, specimen, width, height, data_bar)


def _draw(
    structures: dict[str, Structure],
    name: str,
    pixels_per_micrometre: float,
    seed: int,
    specimen: int,
    width: int,
    height: int,
    data_bar: bool,
) -> NDArray[np.uint8]:
    if name not in structures:
        raise ClassifierError(f"Wanted one of {', '.join(structures)}; given {name!r}. Name one of these materials.")
    _check(pixels_per_micrometre, seed, specimen, width, height)
    view = View(width, height, float(pixels_per_micrometre))
    identity = zlib.crc32(name.encode())
    material = np.random.default_rng([identity, specimen])
    rng = np.random.default_rng([identity, specimen, seed])
    image = add_imaging(view, structures[name](view, material, rng), rng)
    if data_bar:
        image = draw_data_bar(image, view.pixels_per_micrometre, kilovolts=float(rng.choice([5.0, 10.0, 15.0, 20.0])))
    return image


def _check(pixels_per_micrometre: float, seed: int, specimen: int, width: int, height: int) -> None:
    if not (math.isfinite(pixels_per_micrometre) and pixels_per_micrometre > 0):
        raise ClassifierError(
            f"Wanted a scale above 0 in pixels per micrometre; given {pixels_per_micrometre}. Give a number such as 10."
        )
    if not SMALLEST_DRAWN_SCALE <= pixels_per_micrometre <= LARGEST_DRAWN_SCALE:
        raise ClassifierError(
            f"Wanted a scale of {SMALLEST_DRAWN_SCALE} to {LARGEST_DRAWN_SCALE:.0f} pixels per micrometre; given "
            f"{pixels_per_micrometre}. Check its unit."
        )
    for side, pixels in (("width", width), ("height", height)):
        if not SMALLEST_SIDE <= pixels <= LARGEST_SIDE:
            raise ClassifierError(
                f"Wanted a {side} of {SMALLEST_SIDE} to {LARGEST_SIDE} pixels; given {pixels}. Choose one in between."
            )
    for name, number in (("seed", seed), ("specimen", specimen)):
        if number < 0:
            raise ClassifierError(f"Wanted a {name} of 0 or more; given {number}. Give a whole number from 0.")
