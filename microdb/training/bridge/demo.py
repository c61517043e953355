"""Drawn micrographs for the demo dataset."""

import io

import numpy as np
from PIL import Image

from classifier import DRAWN_CLASSES, SCALE_RANGES, draw_micrograph, draw_other


def draw_demo_micrograph(material: str, *, specimen: int, seed: int) -> tuple[bytes, float]:
    """A drawn micrograph as PNG bytes and its pixels per micrometre; both follow from ``seed`` and ``specimen``."""
    low, high = SCALE_RANGES[material]
    log_scale = np.random.default_rng([seed, specimen]).uniform(np.log(low), np.log(high))
    scale = round(float(np.exp(log_scale)), 3)
    draw = draw_micrograph if material in DRAWN_CLASSES else draw_other
    pixels = draw(material, pixels_per_micrometre=scale, seed=seed, specimen=specimen)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue(), scale
