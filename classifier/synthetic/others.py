"""Materials outside the drawn classes, to test that a model predicts none of these."""

import math

import numpy as np

from classifier.synthetic.field import Field, View, coverage, line, noise, turbulence
from classifier.synthetic.grains import grains

Generator = np.random.Generator


def foam(view: View, material: Generator, rng: Generator) -> Field:
    """Open pores with bright walls that thicken where three meet."""
    size, wall, depth = material.uniform(9, 22), material.uniform(0.1, 0.2), material.uniform(0.2, 0.4)
    cells = grains(view, rng, size, curl=0.06)
    thickness = np.float32(wall * size) * (1 + 0.25 * noise(view, rng, size / 2))
    inside = coverage(thickness - cells.to_boundary, view.pixel) * cells.fade
    floor = 0.12 + depth * np.exp(-np.maximum(cells.to_boundary - thickness, 0) / np.float32(0.08 * size))
    tone = cells.each(rng.uniform(-0.06, 0.1, len(cells.points)))
    edge = 0.25 * np.exp(-(((cells.to_boundary - thickness) / np.float32(0.03 * size)) ** 2))
    brightness: Field = 0.6 * (1 - inside) + (floor * 0.6 + tone) * inside + edge + 0.02 * turbulence(view, rng, 1.0)
    return brightness


def cast_iron(view: View, material: Generator, rng: Generator) -> Field:
    """Grey iron: dark curved graphite flakes in a bright matrix."""
    length, width, level = material.uniform(18, 40), material.uniform(1.2, 3.0), material.uniform(0.62, 0.82)
    share = np.zeros((view.height, view.width), np.float32)
    for size in (length, length * 0.6):
        height = noise(view, rng, size)
        slope = np.hypot(*np.gradient(height, view.pixel)) + np.float32(0.15 / size)
        thick = np.float32(width) * np.clip(0.3 + 1.4 * noise(view, rng, size * 0.8), 0, 1.4)
        flake = line(height / slope, thick * (1 + 0.25 * noise(view, rng, width)), view.pixel)
        share = np.maximum(share, flake * np.float32(min(1, size / view.pixel / 4)))
    matrix = level + 0.04 * turbulence(view, rng, 12.0) + 0.015 * noise(view, rng, 0.4)
    brightness: Field = matrix - (level - 0.12) * share
    return brightness


def fibres(view: View, material: Generator, rng: Generator) -> Field:
    """A mat of long round fibres that overlap."""
    diameter, level = material.uniform(3, 8), material.uniform(0.55, 0.8)
    drawn = max(diameter, 6 * view.pixel)
    width, height = view.extent
    reach = float(np.hypot(width, height)) / 2
    image = 0.1 + 0.04 * noise(view, rng, drawn)
    bend = noise(view, rng, 12 * drawn) * np.float32(drawn)
    for depth in np.linspace(0.35, 1.0, int(np.clip(4 * reach / drawn, 12, 28))):
        angle, offset = rng.uniform(0, np.pi), rng.uniform(-reach, reach)
        radius = np.float32(drawn / 2 * rng.uniform(0.7, 1.3))
        across = (view.y - height / 2) * math.cos(angle) - (view.x - width / 2) * math.sin(angle) - offset
        across = across + bend * np.float32(rng.normal(0, 1))
        shade = float(depth) * level * (0.35 + 0.65 * np.sqrt(np.clip(1 - (across / radius) ** 2, 0, 1)))
        inside = coverage(np.abs(across) - radius, view.pixel)
        image = image + (shade - image) * inside
    contrast = np.float32(diameter / drawn)
    brightness: Field = image.mean() + (image - image.mean()) * contrast + 0.015 * noise(view, rng, 0.5)
    return brightness
