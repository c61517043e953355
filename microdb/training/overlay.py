"""A saliency map as a PNG to lay over its micrograph (the paper's Fig. 4)."""

import io
import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from microdb import palette

LARGEST_SIDE = 640
ENLARGEMENT = 16


def overlay_png(
    probabilities: NDArray[np.float32],
    above_bar: float = 1.0,
    masked: Iterable[tuple[float, float, float, float]] = (),
) -> bytes:
    """A PNG of class probabilities (h, w, classes + 1), the last plane none of these.

    They cover the upper part ``above_bar`` (0 to 1) of the micrograph; over its data bar below, the overlay is clear.
    So it is in the ``masked`` rectangles: left, top, right and bottom as shares of that upper part.
    A pixel has the colour of its most probable class, dark for none of these; its opacity is that probability.
    The probabilities are interpolated between the places of the map.
    """
    planes = _enlarged(probabilities)
    winner, strength = planes.argmax(axis=0), planes.max(axis=0).clip(0, 1)
    classes = len(planes) - 1
    rgb = [palette.RGB[position % palette.CLASSES] for position in range(classes)]
    colours = np.array([*rgb, palette.NONE_OF_THESE_RGB], dtype=np.uint8)
    alpha = (255 * strength).round().astype(np.uint8)
    height, width = alpha.shape
    for left, top, right, bottom in masked:  # interpolation reaches into them
        alpha[int(top * height) : math.ceil(bottom * height), int(left * width) : math.ceil(right * width)] = 0
    file = io.BytesIO()
    below = round(len(alpha) * (1 / above_bar - 1))
    whole = np.pad(np.dstack([colours[winner], alpha]), ((0, below), (0, 0), (0, 0)))
    Image.fromarray(whole).save(file, "PNG", optimize=True)
    return file.getvalue()


def _enlarged(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Planes (classes + 1, h, w), interpolated."""
    height, width = probabilities.shape[:2]
    factor = max(1.0, min(ENLARGEMENT, LARGEST_SIDE / max(height, width)))
    size = (round(width * factor), round(height * factor))
    planes = (Image.fromarray(np.ascontiguousarray(plane)) for plane in np.moveaxis(probabilities, -1, 0))
    return np.stack([np.asarray(plane.resize(size, Image.Resampling.BILINEAR)) for plane in planes])
