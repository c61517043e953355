"""One line of a manifest."""

from dataclasses import dataclass, field

from microdb.errors import MicroDBError
from microdb.manifest.numbers import AmbiguousNumberError, NumberStyle
from microdb.scale_bounds import HIGHEST_SCALE, LOWEST_SCALE, is_possible_scale

COLUMNS = ("filename", "label", "pixels_per_micrometre", "specimen", "modality", "split")
"""Only ``filename`` is required. An empty label means unlabelled."""


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One line; ``filename`` is relative to the manifest, with slashes. ``scale`` is still text: see the property."""

    line: int
    filename: str
    label: str = ""
    scale: str = ""
    specimen: str = ""
    modality: str = ""
    split: str = ""
    numbers: NumberStyle = field(default_factory=lambda: NumberStyle(comma_expected=False), repr=False, compare=False)

    @property
    def pixels_per_micrometre(self) -> float | None:
        """None where the cell is empty. Raises MicroDBError ``bad_scale`` where it holds no possible scale.

        The number is read late so that a wrong one refuses its own row and no other.
        """
        if not self.scale:
            return None
        try:
            scale = self.numbers.number(self.scale)
        except AmbiguousNumberError:
            raise self._bad_scale(
                "pixels_per_micrometre can be read in two ways: “{given}” was given in line {line}. Write it with a "
                "decimal point and without a separator of thousands."
            ) from None
        except ValueError:
            raise self._bad_scale(
                "pixels_per_micrometre must be a number with a decimal point; “{given}” was given in line {line}. "
                "Correct it."
            ) from None
        if not is_possible_scale(scale):
            raise self._bad_scale(
                f"pixels_per_micrometre must be from {LOWEST_SCALE:.6f} to {HIGHEST_SCALE:,.0f}; “{{given}}” was given "
                "in line {line}. Check its unit."
            )
        return scale

    def _bad_scale(self, sentence: str) -> MicroDBError:
        return MicroDBError(sentence.format(given=self.scale, line=self.line), code="bad_scale")
