"""How large a quiz must be to show a difference between a model and a panel.

The test is two-sided, of the mean over questions of (model right or not) minus (share of the panel that is right).
For a question of a panel of R readers its variance is m (1 - m) for the model, who is right with probability m, plus
s^2 + (p (1 - p) - s^2) / R for the panel, whose readers are right with probability p on average, the questions
differing in ease by the standard deviation s. Model and ease are taken as independent, which errs on the safe side.
Without ``readers`` the panel's mean is taken as known, as in the paper.
"""

from math import sqrt
from statistics import NormalDist

EASE_SPREAD = 0.2
"""Standard deviation of the share of readers who are right, over questions: assumed."""


def questions_needed(
    difference: float, *, panel: float, readers: int | None = None, power: float = 0.8, significance: float = 0.05
) -> int:
    """Questions on which a model that is better than the panel by ``difference`` shows it with ``power``."""
    model = panel + difference
    if not 0 < panel < 1 or not difference > 0 or model > 1:
        raise ValueError(f"Wanted 0 < panel < panel + difference <= 1; {panel} and {difference} were given.")
    normal = NormalDist()
    threshold, margin = normal.inv_cdf(1 - significance / 2), normal.inv_cdf(power)
    people = _panel_variance(panel, readers)
    null, real = panel * (1 - panel) + people, model * (1 - model) + people
    return max(1, round(((threshold * sqrt(null) + margin * sqrt(real)) / difference) ** 2))


def smallest_difference(
    questions: int, *, panel: float, readers: int | None = None, power: float = 0.8
) -> float | None:
    """The smallest difference (in steps of 0.001) that ``questions`` show with ``power``; None where none up to
    1 - ``panel`` is shown.
    """
    steps = (step / 1000 for step in range(1, round(1000 * (1 - panel)) + 1))
    return next((d for d in steps if questions_needed(d, panel=panel, readers=readers, power=power) <= questions), None)


def _panel_variance(panel: float, readers: int | None) -> float:
    if readers is None:
        return 0.0
    ease = min(EASE_SPREAD**2, panel * (1 - panel))
    return ease + (panel * (1 - panel) - ease) / readers
