"""A micrograph tinted by its saliency map."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.scoring.palette import class_colour


def saliency_overlay(gray: NDArray[np.float32], saliency: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The image (H, W) tinted by its map (h, w, k + 1), as RGB (H, W, 3): dark where it is none of these,
    not tinted in masked rectangles."""
    low, high = np.percentile(gray, [0.5, 99.5])
    shown = np.clip((gray - low) / max(high - low, 1e-6), 0, 1)[..., None]
    colours = np.array([class_colour(i) for i in range(saliency.shape[2] - 1)]) / 255
    tint = np.concatenate((saliency[..., :-1] @ colours, 1 - saliency[..., -1:]), axis=2)
    size = (gray.shape[1], gray.shape[0])
    planes = [
        Image.fromarray(tint[..., i].astype(np.float32)).resize(size, Image.Resampling.BILINEAR) for i in range(4)
    ]
    wide = np.stack([np.asarray(plane) for plane in planes], axis=2)
    mixed = shown * (0.15 + 0.45 * wide[..., 3:]) + 0.4 * wide[..., :3]
    return np.asarray((mixed * 255).clip(0, 255), dtype=np.uint8)
