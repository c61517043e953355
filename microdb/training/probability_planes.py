"""The probabilities of a saliency map as a gray PNG, which browsers and programs read, and its places counted."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def planes_png(probabilities: NDArray[np.float32]) -> bytes:
    """The map (h, w, k + 1) as a PNG of (k + 1) * h rows: plane below plane, 255 for certainty.

    All planes are 0 where nothing was looked at.
    """
    stacked = np.concatenate(np.moveaxis(probabilities, -1, 0))
    file = io.BytesIO()
    Image.fromarray((255 * stacked.clip(0, 1)).round().astype(np.uint8)).save(file, "PNG", optimize=True)
    return file.getvalue()


def points_of(probabilities: NDArray[np.float32], outcomes: Sequence[str]) -> dict[str, int]:
    """How many places of the map (h, w, k + 1) have which of the k + 1 outcomes as their most probable one.

    The places are an even grid; those that were not looked at are left out.
    """
    seen = probabilities[probabilities.any(-1)]
    counts = np.bincount(seen.argmax(-1), minlength=len(outcomes))
    return dict(zip(outcomes, counts.tolist(), strict=True))
