"""Materials made of grains: rock, twinned metals, laths in packets, and cracked ones."""

import numpy as np

from classifier.synthetic.background.choices import length
from classifier.synthetic.field import Field, Hashed, View, coverage, line, needles, noise, turbulence
from classifier.synthetic.grains import grains

Generator = np.random.Generator


def rock(view: View, material: Generator, rng: Generator) -> Field:
    """Grains of several minerals, some striped by cleavage or twinning, each with its own roughness."""
    cells = grains(view, rng, length(view, material, 0.08, 0.5), spread=0.4, curl=0.15)
    count = len(cells.points)
    angle = cells.each(rng.uniform(0, np.pi, count))
    striped = np.where(rng.random(count) < 0.4, rng.uniform(0.05, 0.3, count), 0)
    period = cells.each(length(view, material, 0.01, 0.05) * rng.uniform(0.5, 2, count))
    across = view.x * np.cos(angle) + view.y * np.sin(angle)
    image = cells.each(rng.uniform(0.1, 0.9, count)) + cells.each(striped) * np.sign(
        np.sin(2 * np.pi * across / period)
    )
    roughness = cells.each(rng.uniform(0, 0.15, count))
    image = image + roughness * turbulence(view, rng, length(view, material, 0.01, 0.1))
    boundary = np.exp(-((cells.to_boundary / np.float32(2 * view.pixel)) ** 2))
    rocks: Field = image - material.uniform(0, 0.3) * boundary
    return rocks


def twins(view: View, material: Generator, rng: Generator) -> Field:
    """Grains of different tones, many crossed by a straight twin, with dark or bright boundaries."""
    cells = grains(view, rng, length(view, material, 0.06, 0.4), spread=0.35, curl=material.uniform(0, 0.1))
    count, level, size = len(cells.points), material.uniform(0.4, 0.8), length(view, material, 0.06, 0.4)
    angle, offset = cells.each(rng.uniform(0, np.pi, count)), cells.each(rng.uniform(-0.3, 0.3, count))
    x, y = (axis - cells.each(cells.points[:, index]) for index, axis in enumerate((view.x, view.y)))
    half = cells.each(np.where(rng.random(count) < 0.6, rng.uniform(0.02, 0.15, count), -1))
    inside = coverage((np.abs(x * np.cos(angle) + y * np.sin(angle) - offset * size) - half * size), view.pixel)
    tone = cells.each(rng.normal(0, material.uniform(0.01, 0.2), count))
    boundary = line(cells.to_boundary, material.uniform(1, 5) * view.pixel, view.pixel)
    image: Field = level + tone + material.uniform(-0.15, 0.15) * inside - material.uniform(-0.4, 0.5) * boundary
    return image


def laths(view: View, material: Generator, rng: Generator) -> Field:
    """Packets of parallel laths with bright or dark edges."""
    packets = grains(view, rng, length(view, material, 0.2, 0.8), spread=0.4, curl=0.2)
    width = length(view, material, 0.008, 0.04)
    long = width * material.uniform(5, 20)
    angle = packets.each(rng.uniform(0, np.pi, len(packets.points)))
    bend = noise(view, rng, long) * np.float32(width * material.uniform(0.3, 2))
    along = (view.x * np.cos(angle) + view.y * np.sin(angle)) / np.float32(long)
    across = (view.y * np.cos(angle) - view.x * np.sin(angle) + bend) / np.float32(width)
    owner, to_edge = needles(rng, along.astype(np.float32), across.astype(np.float32), packets.inside)
    edge = np.exp(-((to_edge * material.uniform(2, 8)) ** 2))
    tone = material.uniform(0.05, 0.2) * Hashed.normal(rng)[owner]
    image: Field = 0.5 + tone + material.uniform(-0.3, 0.4) * edge + 0.04 * turbulence(view, rng, width)
    return image


def cracks(view: View, material: Generator, rng: Generator) -> Field:
    """A mottled matrix with a network of cracks, most of them closed."""
    cells = grains(view, rng, length(view, material, 0.1, 0.6), spread=0.4, curl=0.25)
    matrix = material.uniform(0.5, 0.8) + material.uniform(0.02, 0.12) * turbulence(
        view, rng, length(view, material), 4
    )
    opening = np.clip(Hashed.normal(rng)[cells.boundary_key] + material.uniform(-0.5, 1), 0, 1.5)
    width = material.uniform(1, 6) * view.pixel
    image: Field = matrix - 0.6 * line(cells.to_boundary, width * opening, view.pixel)
    return image
