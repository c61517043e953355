"""Materials made of separate bodies: powders, pores, fibres cut across, and platelets."""

import numpy as np

from classifier.synthetic.background.choices import length, levels
from classifier.synthetic.field import Field, View, coverage, turbulence
from classifier.synthetic.grains import particles

Generator = np.random.Generator
POWDER_SIZES = 4
FINER = 0.55
"""Diameter of each size of powder relative to the coarser one."""


def powder(view: View, material: Generator, rng: Generator) -> Field:
    """Round particles of several sizes, lit from above, the finer ones on top."""
    coarsest = length(view, material, 0.06, 0.25)
    dark, bright = sorted(levels(material))
    image: Field = np.full((view.height, view.width), 0.12, np.float32)
    for size in range(POWDER_SIZES):
        diameter = coarsest * FINER**size
        spread, facets = material.uniform(0.2, 0.6), material.uniform(0, 0.6)
        bodies = particles(view, rng, diameter=1.2 * diameter, spread=spread, fraction=0.3, facets=facets)
        height = np.clip(-bodies.to_edge / np.float32(0.6 * diameter), 0, 1)
        shade = dark + (bright - dark) * np.sqrt(height * (2 - height)) + 0.25 * np.exp(-8 * height)
        image = np.where(bodies.share > 0.5, shade * (0.7 + 0.1 * size), image)
    return image + 0.03 * turbulence(view, rng, coarsest / 4)


def pores(view: View, material: Generator, rng: Generator) -> Field:
    """Dark pores, or bright inclusions, of up to three sizes in a mottled matrix."""
    image = material.uniform(0.5, 0.85) + material.uniform(0.01, 0.08) * turbulence(view, rng, length(view, material))
    for _ in range(int(material.integers(1, 4))):
        bodies = particles(
            view,
            rng,
            diameter=length(view, material, 0.01, 0.1),
            spread=material.uniform(0.2, 0.8),
            fraction=material.uniform(0.01, 0.25),
            facets=material.uniform(0, 0.5),
        )
        level = material.uniform(0, 0.35) if material.random() < 0.7 else material.uniform(0.85, 1)
        rim = material.uniform(0, 0.2) * np.exp(-((bodies.to_edge / np.float32(3 * view.pixel)) ** 2))
        image = image + (level - image) * bodies.share + rim
    return image


def fibre_sections(view: View, material: Generator, rng: Generator) -> Field:
    """Round fibres cut across, with a core and a coating."""
    diameter, (matrix, fibre) = length(view, material, 0.05, 0.3), levels(material)
    spread, fraction = material.uniform(0.02, 0.15), material.uniform(0.3, 0.6)
    bodies = particles(view, rng, diameter=diameter, spread=spread, fraction=fraction, facets=0)
    depth = np.float32(diameter * material.uniform(0.1, 0.4))
    core = material.uniform(-0.3, 0.3) * coverage(bodies.to_edge + depth, view.pixel)
    coating = material.uniform(-0.3, 0.3) * np.exp(-((bodies.to_edge / np.float32(0.05 * diameter)) ** 2))
    texture = material.uniform(0, 0.05) * turbulence(view, rng, diameter / 4)
    image: Field = matrix + (fibre - matrix) * bodies.share + core + coating + texture
    return image


def platelets(view: View, material: Generator, rng: Generator) -> Field:
    """Thin pointed platelets seen from the side, more or less parallel, such as hydrides."""
    platelet, matrix = levels(material)
    image = matrix + 0.03 * turbulence(view, rng, length(view, material))
    direction, disorder = material.uniform(0, np.pi), material.uniform(0.05, 1.5)
    longest, width = length(view, material, 0.05, 0.4), material.uniform(2, 10) * view.pixel
    for _ in range(int(material.uniform(20, 120))):
        angle, half = rng.normal(direction, disorder), longest * rng.uniform(0.15, 0.75)
        x, y = view.x - rng.uniform(0, view.extent[0]), view.y - rng.uniform(0, view.extent[1])
        along = x * np.cos(angle) + y * np.sin(angle)
        across = y * np.cos(angle) - x * np.sin(angle) + rng.normal(0, 0.06) * along * along / longest
        taper = np.clip(1 - (along / half) ** 2, 0, 1)
        inside = coverage(np.abs(across) - width / 2 * taper, view.pixel) * (np.abs(along) < half)
        image = image + (platelet - image) * inside
    return image
