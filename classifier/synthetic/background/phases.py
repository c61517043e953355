"""Alloys of two phases: cubes, a spinodal pattern, rods and dendrites."""

import numpy as np

from classifier.synthetic.background.choices import length, levels
from classifier.synthetic.field import Field, Hashed, View, coverage, needles, noise, turbulence
from classifier.synthetic.grains import scatter

Generator = np.random.Generator


def _turned(view: View, rng: Generator, angle: float, bend: float, over: float) -> tuple[Field, Field]:
    """Coordinates along and across a direction, in micrometres, bent by `bend` over a length of `over`."""
    amplitude = np.float32(bend)
    along = view.x * np.cos(angle) + view.y * np.sin(angle) + amplitude * noise(view, rng, over)
    across = view.y * np.cos(angle) - view.x * np.sin(angle) + amplitude * noise(view, rng, over)
    return along, across


def cubes(view: View, material: Generator, rng: Generator) -> Field:
    """Rounded cubes in rows, as precipitates in a superalloy."""
    spacing, (matrix, cube) = length(view, material, 0.03, 0.12), levels(material)
    along, across = _turned(view, rng, material.uniform(0, np.pi / 2), 0.5 * spacing, 4 * spacing)
    column, row = np.floor(along / spacing).astype(np.int32), np.floor(across / spacing).astype(np.int32)
    size, key = Hashed.uniform(rng), column * 157 + row * 1021
    half, squareness = material.uniform(0.3, 0.46), material.uniform(2, 6)
    u = np.abs(along / spacing - column - 0.5) / (half * (0.75 + 0.35 * size[key]))
    v = np.abs(across / spacing - row - 0.5) / (half * (0.75 + 0.35 * size[key + 77]))
    distance = ((u**squareness + v**squareness) ** (1 / squareness) - 1) * half * spacing
    image: Field = matrix + (cube - matrix) * coverage(distance, view.pixel)
    return image + 0.03 * turbulence(view, rng, spacing / 3)


def spinodal(view: View, material: Generator, rng: Generator) -> Field:
    """Two interwoven phases with one characteristic width."""
    width, (first, second) = length(view, material, 0.01, 0.1), levels(material)
    height = noise(view, rng, width) - 0.8 * noise(view, rng, 1.7 * width) + 0.3 * noise(view, rng, 0.5 * width)
    slope = np.hypot(*np.gradient(height, view.pixel)) + np.float32(1e-3 / width)
    inside = coverage((height - material.uniform(-0.6, 0.6)) / slope, view.pixel * material.uniform(1, 4))
    texture = material.uniform(0, 0.06) * turbulence(view, rng, width)
    image: Field = first + (second - first) * inside + texture
    return image


def rods(view: View, material: Generator, rng: Generator) -> Field:
    """Parallel rods or grains of one length, as in a eutectic or a rolled metal."""
    width, (matrix, rod) = length(view, material, 0.01, 0.05), levels(material)
    longer = float(np.exp(material.uniform(0, np.log(12))))
    along, across = _turned(view, rng, material.uniform(0, np.pi), width, 8 * width)
    one_key = np.zeros(view.x.shape, np.int32)
    _, to_edge = needles(
        rng, (along / (longer * width)).astype(np.float32), (across / width).astype(np.float32), one_key
    )
    inside = coverage((material.uniform(0.05, 0.3) - to_edge) * np.float32(width), view.pixel)
    image: Field = matrix + (rod - matrix) * inside + 0.04 * turbulence(view, rng, 3 * width)
    return image


def dendrites(view: View, material: Generator, rng: Generator) -> Field:
    """Crosses with side arms, in rows, as in a casting."""
    spacing, (melt, arm) = length(view, material, 0.12, 0.4), levels(material)
    angle = material.uniform(0, np.pi)
    reach = np.float32(0.6 * spacing)
    distance = np.full((view.height, view.width), 9e9, np.float32)
    for x, y in scatter(view, rng, 1.1 * spacing):
        turn = angle + rng.normal(0, 0.08)
        rows, columns = (
            slice(max(0, int((at - spacing) / view.pixel)), max(0, int((at + spacing) / view.pixel))) for at in (y, x)
        )
        right, down = view.x[rows, columns] - x, view.y[rows, columns] - y
        u = np.abs(right * np.cos(turn) + down * np.sin(turn))
        v = np.abs(down * np.cos(turn) - right * np.sin(turn))
        stem = np.minimum(v - 0.1 * np.clip(reach - u, 0, None), u - 0.1 * np.clip(reach - v, 0, None))
        period = np.float32(0.16 * spacing)
        side_arm = np.abs(u % period - period / 2) - 0.27 * period
        side_arm = np.maximum(side_arm, v - 0.6 * np.clip(reach - u, 0, None))
        distance[rows, columns] = np.minimum(distance[rows, columns], np.minimum(stem, side_arm))
    distance = distance + np.float32(0.02 * spacing) * noise(view, rng, 0.1 * spacing)
    image: Field = melt + (arm - melt) * coverage(distance, 3 * view.pixel)
    return image + 0.03 * turbulence(view, rng, spacing / 3)
