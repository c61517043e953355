"""A micron bar that a person measured in the image, and the scale that it gives."""

from dataclasses import dataclass

from microdb.micrographs.scale.units import MICROMETRES

UNITS = ("nm", "µm", "mm")
"""In which the length of a micron bar is written."""


@dataclass(frozen=True)
class MeasuredBar:
    """The distance of a bar's two ends in pixels of the master, and the length written at it in one of ``UNITS``."""

    pixels: float
    length: float
    unit: str

    @property
    def pixels_per_micrometre(self) -> float:
        """To five digits, since clicks are no more exact."""
        return float(f"{self.pixels / (self.length * MICROMETRES[self.unit]):.5g}")

    @property
    def note(self) -> str:
        """What was measured, for the record."""
        return f"{self.length:g} {self.unit} on {self.pixels:g} pixels"
