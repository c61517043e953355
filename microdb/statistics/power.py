"""Sample size: how many questions show a difference between a model and a panel of readers.

The test is two-sided, of the mean over questions of (model right or not) minus (share of the panel that is right).
With a model that is right with probability m and a panel of R readers who are right with probability p on average, a
question's variance is m (1 - m) for the model plus s^2 + (p (1 - p) - s^2) / R for the panel. s is the standard
deviation of p over questions, their ease. Model and ease count as independent, which asks for too many questions
rather than too few. Without ``readers`` the panel's mean is taken as known, as in the paper.
"""

from math import sqrt
from statistics import NormalDist

EASE_SPREAD = 0.2
"""Assumed standard deviation, over questions, of the share of readers who are right."""


def questions_needed(
    difference: float, *, panel: float, readers: int | None = None, power: float = 0.8, significance: float = 0.05
) -> int:
    """Questions with which a model better than the panel by ``difference`` is found to be so with ``power``.

    Raises ValueError unless 0 < panel < panel + difference <= 1.
    """
    model = panel + difference
    if not 0 < panel < 1 or not difference > 0 or model > 1:
        raise ValueError(f"Wanted 0 < panel < panel + difference <= 1; {panel} and {difference} were given.")
    normal = NormalDist()
    z_significance, z_power = normal.inv_cdf(1 - significance / 2), normal.inv_cdf(power)
    panel_variance = _panel_variance(panel, readers)
    null, alternative = panel * (1 - panel) + panel_variance, model * (1 - model) + panel_variance
    return max(1, round(((z_significance * sqrt(null) + z_power * sqrt(alternative)) / difference) ** 2))


def smallest_difference(
    questions: int, *, panel: float, readers: int | None = None, power: float = 0.8
) -> float | None:
    """The smallest difference, in steps of 0.001, that ``questions`` show with ``power``.

    None where not even a difference of 1 - ``panel`` is shown.
    """
    steps = (step / 1000 for step in range(1, round(1000 * (1 - panel)) + 1))
    return next((d for d in steps if questions_needed(d, panel=panel, readers=readers, power=power) <= questions), None)


def _panel_variance(panel: float, readers: int | None) -> float:
    if readers is None:
        return 0.0
    ease = min(EASE_SPREAD**2, panel * (1 - panel))
    return ease + (panel * (1 - panel) - ease) / readers
