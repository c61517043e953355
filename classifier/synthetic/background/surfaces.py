"""Fracture surfaces, topography, layers, and patches of two materials."""

import numpy as np

from classifier.synthetic.background import particles, phases, polycrystals
from classifier.synthetic.background.choices import length
from classifier.synthetic.field import Field, View, coverage, noise, turbulence
from classifier.synthetic.grains import grains
from classifier.synthetic.grains import particles as scattered

Generator = np.random.Generator


def dimples(view: View, material: Generator, rng: Generator) -> Field:
    """A ductile fracture: dimples with bright rims."""
    cells = grains(view, rng, length(view, material, 0.03, 0.2), spread=0.5, curl=0.3)
    depth = np.clip(cells.to_boundary / np.float32(length(view, material, 0.02, 0.1)), 0, 1)
    rim = np.exp(-((depth * material.uniform(2, 6)) ** 2))
    waviness = turbulence(view, rng, length(view, material, 0.05, 0.5), 5)
    image: Field = 0.5 + material.uniform(0.2, 0.5) * rim - 0.3 * depth + material.uniform(0, 0.3) * waviness
    return image


def topography(view: View, material: Generator, rng: Generator) -> Field:
    """A rough surface lit from one side."""
    octaves = int(material.integers(2, 6))
    height = turbulence(view, rng, length(view, material, 0.02, 0.4), octaves)
    height = np.abs(height) if material.random() < 0.5 else height
    down, right = np.gradient(height, view.pixel)
    angle = material.uniform(0, 2 * np.pi)
    slope = right * np.cos(angle) + down * np.sin(angle)
    lit = np.tanh(slope / (np.std(slope) + 1e-6) * material.uniform(0.4, 1.5))
    image: Field = 0.5 + 0.25 * lit + 0.1 * np.tanh(height / (np.std(height) + 1e-6))
    return image


def layers(view: View, material: Generator, rng: Generator) -> Field:
    """A coating seen in section: wavy layers of different tone, roughness and porosity."""
    angle = material.uniform(-0.2, 0.2) + (np.pi / 2 if material.random() < 0.3 else 0)
    wave = 0.03 * view.extent[1] * material.uniform(0.2, 2) * turbulence(view, rng, view.extent[0] / 4)
    depth = view.y * np.cos(angle) + view.x * np.sin(angle) + wave
    borders = np.sort(rng.uniform(0, view.extent[1], int(material.integers(1, 5))))
    layer = np.searchsorted(borders, depth)
    image: Field = np.zeros((view.height, view.width), np.float32)
    for index in range(len(borders) + 1):
        roughness = rng.uniform(0.01, 0.15) * turbulence(view, rng, length(view, rng, 0.01, 0.15))
        diameter, fraction = length(view, rng, 0.01, 0.06), rng.uniform(0.01, 0.2)
        inclusions = scattered(view, rng, diameter=diameter, spread=0.5, fraction=fraction).share
        own = rng.uniform(0.15, 0.85) + roughness + rng.uniform(-0.5, 0.5) * inclusions
        image = np.where(layer == index, own, image)
    return image


def patches(view: View, material: Generator, rng: Generator) -> Field:
    """Two of the other materials side by side, with a ragged border."""
    kinds = (
        phases.spinodal,
        particles.pores,
        phases.rods,
        topography,
        polycrystals.twins,
        particles.fibre_sections,
    )
    first, second = material.choice(len(kinds), 2, replace=False)
    height = noise(view, rng, length(view, material, 0.1, 0.5))
    share = coverage(height * np.float32(0.1 * view.extent[1]), 4 * view.pixel)
    image: Field = kinds[first](view, material, rng) * share + kinds[second](view, material, rng) * (1 - share)
    return image
