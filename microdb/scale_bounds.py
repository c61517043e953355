"""The scales that are possible, in pixels per micrometre: one definition for forms, API, files and database.

The classifier has the same bounds, and a test holds the two equal: a scale that the site takes can be trained on.
"""

import math

LOWEST_SCALE, HIGHEST_SCALE = 1e-6, 1e6
"""A pixel of a metre and a pixel of a picometre; beyond them the unit is wrong."""


def is_possible_scale(pixels_per_micrometre: float) -> bool:
    """Whether it is a finite number within the bounds, which are possible themselves."""
    return math.isfinite(pixels_per_micrometre) and LOWEST_SCALE <= pixels_per_micrometre <= HIGHEST_SCALE
