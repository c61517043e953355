"""The five steel-like classes, defined in micrometres. Each function returns a brightness field of about 0 to 1.

`material` is the random state of the specimen (sizes, spacing, etch), `rng` that of the field of view.
"""

import numpy as np

from classifier.synthetic.field import Field, Hashed, Index, View, line, needles, noise, stripes, turbulence
from classifier.synthetic.grains import Grains, grains, particles

Generator = np.random.Generator


def ferrite(view: View, material: Generator, rng: Generator) -> Field:
    """Equiaxed grains of different tones, with unevenly etched boundaries and a few inclusions."""
    size, contrast = material.uniform(9, 22), material.uniform(0.02, 0.12)
    width, depth, level = material.uniform(0.3, 0.65), material.uniform(0.25, 0.55), material.uniform(0.55, 0.78)
    rough, inclusion = material.uniform(0.01, 0.03), material.uniform(0.4, 1.0)
    cells = grains(view, rng, size)
    tone = cells.each(rng.normal(0, contrast, len(cells.points))) * cells.fade
    etched = np.clip(0.75 + 0.35 * Hashed.normal(rng)[cells.boundary_key], 0.15, 1.2)
    uneven = np.clip(1 + 0.3 * noise(view, rng, 2.0), 0.3, 1.5)
    groove = line(cells.to_boundary, width * etched * uneven, view.pixel) * etched
    rim = np.exp(-((cells.to_boundary / width - 0.9) ** 2) * 4) * 0.06
    texture = rough * turbulence(view, rng, 3.0, 2)
    dots = particles(view, rng, diameter=inclusion, spread=0.4, fraction=0.004, facets=0.1)
    brightness: Field = level + tone + texture + rim - depth * groove - 0.4 * dots.share
    return brightness


def lamellae(view: View, rng: Generator, colonies: Grains, spacing: float, fraction: float, wavy: float) -> Field:
    """Share of carbide in colonies of plates `spacing` micrometres apart, each colony with its own tilt."""
    count = len(colonies.points)
    angle, apparent = rng.uniform(0, np.pi, count), spacing / np.sqrt(1 - rng.uniform(0, 0.88, count) ** 2)
    cos, sin, period = (colonies.each(v) for v in (np.cos(angle), np.sin(angle), apparent))
    x, y = (axis - colonies.each(colonies.points[:, i]) for i, axis in enumerate((view.x, view.y)))
    along, across = x * cos + y * sin, y * cos - x * sin
    across = across + colonies.each(rng.normal(0, 0.012, count)) * along * along
    across = across + np.float32(wavy * spacing) * (noise(view, rng, 9 * spacing) + 0.3 * noise(view, rng, 3 * spacing))
    phase = across / period
    plate = np.rint(phase).astype(np.int32) * 73 + colonies.inside * 1013
    run = Hashed.normal(rng).along(plate, along / np.float32(6 * spacing) + Hashed.uniform(rng)[plate])
    half = np.float32(fraction / 2) * np.clip(1.2 + run, 0, 1.4)
    return stripes(phase, half, np.float32(1.2 * view.pixel) / period)


def pearlite(view: View, material: Generator, rng: Generator) -> Field:
    """Colonies of wavy, interrupted carbide plates in ferrite."""
    spacing, fraction = material.uniform(0.25, 0.5), material.uniform(0.2, 0.34)
    size, wavy = material.uniform(7, 16), material.uniform(0.3, 0.7)
    dark, bright = material.uniform(0.15, 0.3), material.uniform(0.65, 0.85)
    carbide, base = (bright, dark) if material.random() < 0.65 else (dark, bright)
    tint = material.uniform(0.02, 0.06)
    colonies = grains(view, rng, size, spread=0.35, curl=0.2)
    share = lamellae(view, rng, colonies, spacing, fraction, wavy)
    tone = colonies.each(rng.normal(0, tint, len(colonies.points))) * colonies.fade
    strength = np.clip(1 + 0.2 * turbulence(view, rng, 5.0) + 0.2 * noise(view, rng, spacing), 0.3, 1.5)
    brightness: Field = base + (carbide - base) * share * strength + tone
    return brightness


def martensite(view: View, material: Generator, rng: Generator) -> Field:
    """Packets and blocks of fine parallel laths inside prior austenite grains."""
    width, slender = material.uniform(0.3, 0.7), material.uniform(8, 18)
    packet_size, prior_size = material.uniform(7, 15), material.uniform(25, 60)
    level, contrast, edge = material.uniform(0.35, 0.6), material.uniform(0.09, 0.16), material.uniform(-0.2, 0.25)
    prior = grains(view, rng, prior_size)
    packets = grains(view, rng, packet_size, spread=0.35, curl=0.2)
    turn = np.pi / 3 * rng.integers(0, 3, len(packets.points)) + rng.normal(0, 0.06, len(packets.points))
    angle = prior.each(rng.uniform(0, np.pi, len(prior.points))) + packets.each(turn)
    cos, sin = np.cos(angle), np.sin(angle)
    drawn = max(width, 2 * view.pixel)
    bend = np.float32(0.35 * drawn) * noise(view, rng, 6 * drawn)
    u, v = (view.x * cos + view.y * sin), (view.y * cos - view.x * sin) + bend
    packet = prior.inside * 17 + packets.inside
    lath, to_edge = needles(rng, u / np.float32(drawn * slender), v / np.float32(drawn), packet)
    fade = np.float32((width / drawn) ** 0.5)
    block = Hashed.normal(rng)[np.floor(v / np.float32(width * 5)).astype(np.int32) * 29 + packet * 331]
    seam = line(to_edge, 0.3, view.pixel / drawn)
    tone = contrast * fade * (Hashed.normal(rng)[lath] + edge / contrast * seam)
    tone = tone + packets.fade * 0.5 * contrast * block
    boundary = 0.12 * line(prior.to_boundary, 0.3, view.pixel)
    return level + tone - boundary


def spheroidite(view: View, material: Generator, rng: Generator) -> Field:
    """Rounded bright carbides of log-normal size in a ferrite matrix with faint grain boundaries."""
    diameter, spread = material.uniform(0.45, 1.1), material.uniform(0.35, 0.55)
    fraction, size = material.uniform(0.1, 0.25), material.uniform(6, 18)
    light_matrix = material.random() < 0.3
    level = material.uniform(0.5, 0.6) if light_matrix else material.uniform(0.15, 0.4)
    step, outline = material.uniform(0.3, 0.5), material.uniform(0.25, 0.4) if light_matrix else 0.08
    cells = grains(view, rng, size)
    carbides = particles(view, rng, diameter=diameter, spread=spread, fraction=fraction)
    matrix = level + cells.each(rng.normal(0, 0.03, len(cells.points))) * cells.fade
    matrix = matrix - 0.1 * line(cells.to_boundary, 0.25, view.pixel) + 0.02 * turbulence(view, rng, 0.6)
    inner = np.clip(carbides.to_edge / np.float32(0.12 * diameter), -6, 6)
    halo = np.where(inner > 0, np.exp(-inner * 1.5), 0) * carbides.fade
    rim = np.where(inner < 0, np.exp(inner), 0) * carbides.fade
    dome = 0.15 * np.clip(carbides.to_edge / np.float32(diameter), -1, 0) * carbides.fade
    bright = step + dome + 0.05 * Hashed.normal(rng)[carbides.nearest] * carbides.fade + 0.12 * rim
    brightness: Field = matrix * (1 - carbides.share) + (level + bright) * carbides.share - outline * halo
    return brightness


def widmanstatten(view: View, material: Generator, rng: Generator) -> Field:
    """Sharp plates that grow from grain boundaries in three directions per grain, in a fine carbide matrix."""
    size, spacing = material.uniform(35, 75), material.uniform(2.0, 4.0)
    width, length = spacing * material.uniform(0.28, 0.42), material.uniform(14, 32)
    film, fine = material.uniform(0.8, 2.5), material.uniform(0.2, 0.3)
    dark, bright = material.uniform(0.18, 0.32), material.uniform(0.68, 0.85)
    plate_tone, matrix_tone = (bright, dark) if material.random() < 0.65 else (dark, bright)
    prior = grains(view, rng, size, curl=0.05)
    plates = _side_plates(view, rng, prior, spacing, width, length)
    allotriomorph = line(prior.to_boundary, film * np.clip(1 + 0.6 * noise(view, rng, 6.0), 0.2, 2), view.pixel)
    share = np.maximum(plates, allotriomorph)
    carbide = lamellae(view, rng, grains(view, rng, 6.0, curl=0.2), fine, 0.4, 0.6) - 0.4
    contrast = bright - dark
    matrix = matrix_tone + (plate_tone - matrix_tone) * 0.3 + 0.45 * contrast * carbide
    matrix = matrix + 0.05 * turbulence(view, rng, 4.0)
    return matrix + (plate_tone - matrix) * share


def _side_plates(view: View, rng: Generator, prior: Grains, spacing: float, width: float, length: float) -> Field:
    """Share of plates: on each boundary in the grain's direction that is nearest the normal, tapering inwards."""
    px, py = (prior.points[:, axis].astype(np.float32) for axis in (0, 1))
    normal = np.arctan2(py[prior.neighbour] - py[prior.inside], px[prior.neighbour] - px[prior.inside])
    turn = np.float32(np.pi / 3)
    base = prior.each(rng.uniform(0, np.pi, len(prior.points)))
    angle = base + turn * np.rint((normal - base) / turn)
    key = prior.inside * 577 + prior.neighbour * 41
    row, from_middle, _ = _rows(view, rng, angle, spacing, key)
    reach = np.float32(length) * np.exp(0.7 * Hashed.normal(rng)[row])
    thick = np.float32(width) * (0.35 + 1.1 * Hashed.uniform(rng)[row]) * (Hashed.uniform(rng)[row] < 0.75)
    taper = np.clip(1.25 - 1.25 * prior.to_boundary / reach, 0, 1)
    side = line(from_middle, thick * taper, view.pixel)
    row, from_middle, along = _rows(view, rng, base + turn * 1.5, 1.6 * spacing, prior.inside)
    run = Hashed.normal(rng).along(row, along / np.float32(0.7 * length) + Hashed.uniform(rng)[row])
    within = line(from_middle, np.float32(width) * 0.7 * np.sqrt(np.clip(run - 0.5, 0, 1)), view.pixel)
    return np.maximum(side, within)


def _rows(view: View, rng: Generator, angle: Field, spacing: float, key: Index) -> tuple[Index, Field, Field]:
    """Unevenly spaced parallel rows: each pixel's row, distance from its middle and position along it (µm)."""
    cos, sin = np.cos(angle), np.sin(angle)
    phase = (view.y * cos - view.x * sin) / np.float32(spacing) + 0.04 * noise(view, rng, 6.0)
    row = np.rint(phase)
    hashed = row.astype(np.int32) * 53 + key
    shift = 0.5 * (Hashed.uniform(rng)[hashed] - 0.5)
    return hashed, (phase - row - shift) * np.float32(spacing), view.x * cos + view.y * sin
