"""Sample size: how many questions and readers show a difference between a model and a panel.

The test is that of ``differences``. With a model that is right with probability m and R readers who are right with
probability p on average, the variance of the difference over Q questions is

    s^2 / R + [m (1 - m) + e^2 + (p (1 - p) - e^2 - s^2) / R] / Q

s is the spread of the readers' true accuracies, e that of the questions' ease, both as standard deviations. Model and
ease count as independent, which asks for too many questions rather than too few. No number of questions makes up for
few readers, because s^2 / R stays. Without ``readers`` the panel's mean is taken as known, as in the paper.
"""

from collections.abc import Callable
from math import sqrt
from statistics import NormalDist

from microdb.statistics import student

EASE_SPREAD = 0.2
"""Assumed standard deviation, over questions, of the share of readers who are right."""
READER_SPREAD = 0.09
"""Assumed standard deviation of the readers' true accuracies."""
QUESTIONS_AT_MOST = 100_000


def questions_needed(
    difference: float, *, panel: float, readers: int | None = None, power: float = 0.8, significance: float = 0.05
) -> int | None:
    """Questions with which a model better than the panel by ``difference`` is found to be so with ``power``.

    None where the spread between so few readers hides the difference from any number of questions. Raises ValueError
    unless 0 < panel < panel + difference <= 1.
    """
    model = panel + difference
    if not 0 < panel < 1 or not difference > 0 or model > 1:
        raise ValueError(f"Wanted 0 < panel < panel + difference <= 1; {panel} and {difference} were given.")

    def enough(questions: int) -> bool:
        return _shortfall(difference, panel, readers, questions, power, significance) <= 0

    return _smallest(enough)


def smallest_difference(
    questions: int, *, panel: float, readers: int | None = None, power: float = 0.8, significance: float = 0.05
) -> float | None:
    """The smallest difference, in steps of 0.001, that ``questions`` show with ``power``.

    None where not even a difference of 1 - ``panel`` is shown.
    """
    steps = (step / 1000 for step in range(1, round(1000 * (1 - panel)) + 1))
    return next((d for d in steps if _shortfall(d, panel, readers, questions, power, significance) <= 0), None)


def _shortfall(
    difference: float, panel: float, readers: int | None, questions: int, power: float, significance: float
) -> float:
    """How much larger the difference would have to be; the null hypothesis has its own variance, as in the paper."""
    null = _variance(panel, panel, readers, questions)
    alternative = _variance(panel + difference, panel, readers, questions)
    t_significance, t_power = (_critical(p, null, readers, questions) for p in (significance, 2 - 2 * power))
    return t_significance * sqrt(sum(null)) + t_power * sqrt(sum(alternative)) - difference


def _variance(model: float, panel: float, readers: int | None, questions: int) -> tuple[float, float]:
    """The parts of readers and of questions in the variance of the difference."""
    of_model = model * (1 - model) / questions
    if readers is None:
        return 0.0, of_model
    ease = min(EASE_SPREAD**2, panel * (1 - panel))
    spread = min(READER_SPREAD**2, panel * (1 - panel) - ease)
    rest = panel * (1 - panel) - ease - spread
    return (spread + rest / questions) / readers, of_model + ease / questions


def _critical(level: float, parts: tuple[float, float], readers: int | None, questions: int) -> float:
    """As in ``crossed``; the normal quantile where the panel's mean is taken as known."""
    if readers is None:
        return -NormalDist().inv_cdf(level / 2)
    of_readers, of_questions = parts
    weighted = of_readers * student.critical(level, max(1, readers - 1))
    weighted += of_questions * student.critical(level, max(1, questions - 1))
    return weighted / (of_readers + of_questions)


def _smallest(enough: Callable[[int], bool]) -> int | None:
    """The smallest number of questions that is enough, by doubling and halving."""
    high = 2
    while not enough(high):
        if high > QUESTIONS_AT_MOST:
            return None
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
