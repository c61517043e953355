"""The micron bar against the scale on record: two independent measurements that must agree."""

from microdb.micrographs.scale.units import MICROMETRES

AGREEMENT = 0.03
"""Relative difference that clicks and whole pixels explain."""
AGREEING_PIXELS = 1.5
"""The same in pixels of the bar, which counts for short bars."""
SHOWN_UNITS = ("mm", "µm", "nm")


def agree(one: float, other: float, bar_pixels: float) -> bool:
    """Whether two scales in pixels per micrometre differ by no more than the measurement of a bar of this length."""
    return abs(one - other) <= max(AGREEMENT, AGREEING_PIXELS / bar_pixels) * max(one, other)


def written_length(micrometres: float) -> str:
    """A length as a micron bar writes it: at least one of its unit, in three digits."""
    unit = next((unit for unit in SHOWN_UNITS if micrometres >= MICROMETRES[unit]), SHOWN_UNITS[-1])
    return f"{float(f'{micrometres / MICROMETRES[unit]:.3g}'):g} {unit}"
