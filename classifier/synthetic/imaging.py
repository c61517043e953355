"""The imaging: relief, blur, uneven lighting, scratches, dust, contrast settings and noise."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from classifier.synthetic.field import Field, View, noise, turbulence

Generator = np.random.Generator
SLOPE = 0.035
"""Micrometres; width of an etched edge and of the probe."""
ROUGHNESS = 0.016
LARGEST_BLUR = 8.0
"""Pixels."""
LARGEST_GAIN = 1.7
"""Limit of the contrast setting for a faint structure."""


def add_imaging(view: View, brightness: Field, rng: Generator) -> NDArray[np.uint8]:
    """The 8-bit micrograph (height, width) of a brightness field of about 0 to 1."""
    image = _relief(view, _saturated(brightness.astype(np.float32)), rng)
    image = image * (1 + 0.05 * noise(view, rng, view.extent[0] / 3)) + _lighting(view, rng)
    image = image + _scratches(view, rng)
    _dust(view, rng, image)
    gain = np.clip(rng.uniform(0.12, 0.19) / max(float(np.std(image)), 1e-3), 0.8, LARGEST_GAIN)
    image = rng.uniform(0.38, 0.56) + (image - np.mean(image)) * np.float32(gain)
    dose, read = rng.uniform(0.02, 0.07), rng.uniform(0.008, 0.025)
    spread = np.sqrt(dose**2 * np.clip(image, 0.02, 1) + read**2)
    image = image + spread * rng.standard_normal(image.shape, dtype=np.float32)
    micrograph: NDArray[np.uint8] = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return micrograph


def _saturated(image: Field) -> Field:
    """Brightness with soft saturation, like a detector's, so that no area is clipped."""
    soft: Field = 0.5 + 0.5 * np.tanh((image - 0.5) * 1.5)
    return soft


def _relief(view: View, image: Field, rng: Generator) -> Field:
    """Etched relief: soft edges with a rim, brighter on the detector's side, on a rough surface."""
    scale = view.pixels_per_micrometre
    spot = float(np.hypot(rng.uniform(0.45, 0.8), SLOPE * rng.uniform(0.5, 1.2) * scale))
    image = gaussian_filter(image + ROUGHNESS * turbulence(view, rng, 0.3, 3), min(spot, LARGEST_BLUR))
    wide = gaussian_filter(image, min(2.2 * spot, LARGEST_BLUR))
    reach = max(1, round(min(spot, LARGEST_BLUR)))
    down, across = rng.uniform(-0.5, 0.5, 2)
    lit = down * (np.roll(wide, reach, 0) - np.roll(wide, -reach, 0))
    lit += across * (np.roll(wide, reach, 1) - np.roll(wide, -reach, 1))
    lit[:reach], lit[-reach:], lit[:, :reach], lit[:, -reach:] = 0, 0, 0, 0
    relief: Field = image + rng.uniform(0.2, 0.8) * (image - wide) + lit
    return relief


def _lighting(view: View, rng: Generator) -> Field:
    """A brightness gradient and darker corners."""
    x = np.linspace(-1, 1, view.width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, view.height, dtype=np.float32)[:, None]
    slope_x, slope_y = rng.normal(0, 0.03, 2)
    lighting: Field = slope_x * x + slope_y * y - rng.uniform(0, 0.06) * (x * x + y * y)
    return lighting


def _scratches(view: View, rng: Generator) -> Field:
    """A few straight polishing scratches, mostly in one direction, dark or bright."""
    total = np.zeros((view.height, view.width), np.float32)
    row, column = np.mgrid[: view.height, : view.width].astype(np.float32)
    direction = rng.uniform(0, np.pi)
    for _ in range(rng.poisson(1.5)):
        angle = direction + rng.normal(0, 0.1)
        x0, y0 = rng.uniform(0, view.width), rng.uniform(0, view.height)
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        across = (row - y0) * cos - (column - x0) * sin
        along = (row - y0) * sin + (column - x0) * cos
        inside = np.abs(along) < rng.uniform(0.1, 0.6) * view.width
        total += (
            np.exp(-((across / rng.uniform(0.5, 1.1)) ** 2)) * inside * rng.choice([-1, 1]) * rng.uniform(0.05, 0.16)
        )
    return total


def _dust(view: View, rng: Generator, image: Field) -> None:
    """Draw specks with soft, ragged outlines into the image."""
    for _ in range(rng.poisson(1.2)):
        radius = rng.uniform(1.5, 0.012 * view.width + 2)
        x0, y0 = rng.uniform(0, view.width), rng.uniform(0, view.height)
        reach = 2 * radius + 2
        left, top = max(0, int(x0 - reach)), max(0, int(y0 - reach))
        part = image[top : int(y0 + reach) + 1, left : int(x0 + reach) + 1]
        row, column = np.ogrid[: part.shape[0], : part.shape[1]]
        down, right = row + top - y0, column + left - x0
        bearing = np.arctan2(down, right)
        ragged = 1 + sum(rng.normal(0, 0.4 / k) * np.sin(k * bearing + rng.uniform(0, 6.3)) for k in range(2, 8))
        speck = np.clip((radius * ragged - np.hypot(down, right)) / 1.5 + 0.5, 0, 1)
        part += (rng.choice([0.08, 0.92], p=[0.8, 0.2]) - part) * 0.85 * speck
