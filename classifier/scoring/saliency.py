"""Which part of a micrograph looks like which class (the paper's Fig. 4).

A pixel's distribution is the average over the crops that cover it. Each crop weighs by the inverse of its area: a small
window says more about its pixels than one that holds the whole image.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.arrays import Floats

if TYPE_CHECKING:
    from classifier.crops.plan import Plan

LONGER_SIDE = 160
"""Cells along the longer side of a map."""
CHUNK = 128
"""Crops laid on the map at a time, to bound the memory."""
OKABE_ITO = ((230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0), (204, 121, 167))
"""Colours that colour-blind people can tell apart; class i has colour i, and after seven they repeat."""


def saliency_map(
    shape: tuple[int, int], plans: Sequence["Plan"], probabilities: Sequence[Floats]
) -> NDArray[np.float32]:
    """The map (h, w, k + 1) of an image of `shape` pixels; the longer of h and w is at most 160.

    Each plan comes with its crops' probabilities (n, k + 1). Cells that no crop covers belong to none of these.
    """
    cell = max(1.0, max(shape) / LONGER_SIDE)
    height, width = (max(1, math.floor(side / cell)) for side in shape)
    x = (np.arange(width) + 0.5) * shape[1] / width
    y = (np.arange(height) + 0.5) * shape[0] / height
    outcomes = probabilities[0].shape[1]
    total, weight = np.zeros((height * width, outcomes)), np.zeros(height * width)
    for plan, values in zip(plans, probabilities, strict=True):
        for start in range(0, len(plan), CHUNK):
            part = plan.part(start, start + CHUNK)
            cover = _cover(part, x, y) / part.side[:, None] ** 2
            total += cover.T @ values[start : start + CHUNK]
            weight += cover.sum(0)
    seen = weight > 0
    total[seen] /= weight[seen, None]
    total[~seen, -1] = 1.0
    return total.reshape(height, width, outcomes).astype(np.float32)


def _cover(plan: "Plan", x: Floats, y: Floats) -> Floats:
    """1 where a window covers a cell's centre, (n, h * w)."""
    across = x[None, None, :] - plan.x[:, None, None]
    down = y[None, :, None] - plan.y[:, None, None]
    cosine, sine = np.cos(plan.angle)[:, None, None], np.sin(plan.angle)[:, None, None]
    half = plan.side[:, None, None] / 2
    inside = (np.abs(across * cosine + down * sine) <= half) & (np.abs(down * cosine - across * sine) <= half)
    return inside.reshape(len(plan), -1).astype(np.float64)


def overlay(gray: NDArray[np.float32], saliency: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The image (H, W) tinted by its map (h, w, k + 1), as RGB (H, W, 3); dark where nothing is known."""
    low, high = np.percentile(gray, [0.5, 99.5])
    shown = np.clip((gray - low) / max(high - low, 1e-6), 0, 1)[..., None]
    colours = np.array([OKABE_ITO[i % len(OKABE_ITO)] for i in range(saliency.shape[2] - 1)]) / 255
    tint = np.concatenate((saliency[..., :-1] @ colours, 1 - saliency[..., -1:]), axis=2)
    size = (gray.shape[1], gray.shape[0])
    planes = [
        Image.fromarray(tint[..., i].astype(np.float32)).resize(size, Image.Resampling.BILINEAR) for i in range(4)
    ]
    wide = np.stack([np.asarray(plane) for plane in planes], axis=2)
    mixed = shown * (0.15 + 0.45 * wide[..., 3:]) + 0.4 * wide[..., :3]
    return np.asarray((mixed * 255).clip(0, 255), dtype=np.uint8)
