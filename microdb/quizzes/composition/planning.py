"""The power of a quiz of a given size."""

from dataclasses import dataclass
from math import ceil

from microdb import statistics

EXPECTED_PANEL = 0.73
"""Expected accuracy of experts: that of the paper's first quiz."""
EXPECTED_READERS = 20
WANTED_DIFFERENCE = 0.08


@dataclass(frozen=True)
class Power:
    """``difference`` (0 to 1, in whole points) is the smallest that ``questions`` and ``readers`` show in four of five
    quizzes, None where not even a faultless model would; ``needed`` questions would show ``wanted``, None where no
    number would. ``spread`` is the assumed standard deviation of the readers' accuracies.
    """

    questions: int
    readers: int
    difference: float | None
    wanted: float
    needed: int | None
    spread: float


def power_of(questions: int, readers: int) -> Power | None:
    """None where there is no question or no reader."""
    if not questions or not readers:
        return None
    smallest = statistics.smallest_difference(questions, panel=EXPECTED_PANEL, readers=readers)
    return Power(
        questions,
        readers,
        None if smallest is None else ceil(round(100 * smallest, 6)) / 100,
        WANTED_DIFFERENCE,
        statistics.questions_needed(WANTED_DIFFERENCE, panel=EXPECTED_PANEL, readers=readers),
        statistics.READER_SPREAD,
    )
