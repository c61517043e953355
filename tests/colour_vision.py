"""How different colours look to people with and without colour blindness, and the search that made the palette.

``python -m tests.colour_vision`` prints the marks that the search adds to the six of Okabe and Ito.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.float64]
"""(..., 3): sRGB or linear RGB from 0 to 1, or OKLab."""

VISIONS = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""Full dichromacy in linear RGB: G. M. Machado et al., IEEE Trans. Vis. Comput. Graph. 15 (2009), severity 1."""
TO_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip
"""OKLab: B. Ottosson, A perceptual color space for image processing (2020)."""
LIGHT, DARK = "#ffffff", "#1d2125"
"""The surfaces of the two themes."""
LEAST_CONTRAST = {LIGHT: 1.9, DARK: 2.5}
"""WCAG contrast with each surface. Higher values would leave out Okabe and Ito's orange and blue."""
GREYS = ("#6b7280", "#9ca3af", "#0c0e10")
"""None of these, on light and dark pages and in a saliency overlay."""


def linear(hexes: Sequence[str]) -> Colours:
    """Linear RGB of #rrggbb."""
    srgb = np.array([[int(text[i : i + 2], 16) for i in (1, 3, 5)] for text in hexes]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def oklab(rgb: Colours) -> Colours:
    return np.cbrt(rgb @ TO_LMS.T) @ TO_LAB.T


def seen(hexes: Sequence[str]) -> Colours:
    """OKLab coordinates of the colours in each of ``VISIONS``: visions x colours x 3."""
    rgb = linear(hexes)
    return np.stack([oklab((rgb @ matrix.T).clip(0, 1)) for matrix in VISIONS.values()])


def distances(first: Colours, second: Colours) -> NDArray[np.float64]:
    """The smallest OKLab distance over visions, of each of ``first`` to each of ``second``, both from ``seen``."""
    gaps = np.linalg.norm(first[:, :, None] - second[:, None], axis=-1)
    return np.asarray(gaps.min(axis=0))


def contrast(hexes: Sequence[str], surface: str) -> NDArray[np.float64]:
    """WCAG contrast ratio with a surface."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    luminance, other = linear(hexes) @ weights, float((linear([surface]) @ weights)[0])
    high, low = np.maximum(luminance, other), np.minimum(luminance, other)
    return np.asarray((high + 0.05) / (low + 0.05))


def search(marks: Sequence[tuple[str, str]], shapes: Sequence[str], count: int) -> list[tuple[str, str]]:
    """``marks`` (colour, shape) extended to ``count``: each time the colour farthest from all before, and for it the
    shape whose nearest colour is farthest.
    """
    steps = [f"{value:02x}" for value in range(0, 256, 12)]
    grid = [f"#{r}{g}{b}" for r in steps for g in steps for b in steps]
    visible = np.all([contrast(grid, surface) >= least for surface, least in LEAST_CONTRAST.items()], axis=0)
    candidates = [text for text, there in zip(grid, visible, strict=True) if there]
    coordinates = seen(candidates)
    found = list(marks)
    nearest = distances(coordinates, seen([*GREYS, *(colour for colour, _ in found)])).min(axis=1)
    while len(found) < count:
        best = int(nearest.argmax())
        colour = candidates[best]
        nearest = np.minimum(nearest, distances(coordinates, coordinates[:, [best]])[:, 0])
        found.append((colour, max(shapes, key=lambda shape: _room(found, colour, shape))))
    return found


def _room(marks: Sequence[tuple[str, str]], colour: str, shape: str) -> float:
    same = [other for other, its_shape in marks if its_shape == shape]
    return float(distances(seen([colour]), seen(same)).min()) if same else np.inf


if __name__ == "__main__":
    from microdb.palette import CLASSES, OKABE_ITO, SHAPES

    for colour, shape in search(OKABE_ITO, list(SHAPES), CLASSES)[len(OKABE_ITO) :]:
        print(f'Mark("{colour}", "{shape}"),')
