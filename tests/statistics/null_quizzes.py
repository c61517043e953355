"""Type I error of the model-against-panel test: how often it finds a difference where there is none.

Quizzes are drawn in which the model's accuracy is exactly the panel's mean: readers' skills and questions' ease vary
about it, and the model shares the questions' ease or not. ``python -m tests.statistics.null_quizzes`` prints the table
of ``microdb/statistics/differences.py``; it takes some minutes.
"""

import sys
from collections.abc import Iterator
from statistics import mean

import numpy as np

from microdb import statistics
from microdb.statistics import Answers

READERS, QUESTIONS, SPREADS = (3, 5, 10, 21), (36, 200), (0.0, 0.05, 0.1)
EASES = ((0.0, False), (0.18, True), (0.18, False))
"""Spread of the questions' ease, and whether the model finds the same questions easy."""
ACCURACY = 0.73
LARGE = 400_000
QUIZZES = 4000


def null_quizzes(
    random: np.random.Generator,
    *,
    quizzes: int,
    readers: int,
    questions: int,
    spread: float,
    ease: float = 0.18,
    shared: bool = True,
    accuracy: float = ACCURACY,
) -> Iterator[tuple[Answers, Answers]]:
    """Pairs of a model's answers (questions) and a panel's (readers x questions), with the same expected accuracy."""
    drawn_ease, drawn_skill = random.normal(0, ease, LARGE), random.normal(0, spread, LARGE)
    of_readers = float(np.clip(accuracy + drawn_skill + drawn_ease, 0, 1).mean())
    level = _level(drawn_ease if shared else np.zeros(1), of_readers)
    for _ in range(quizzes):
        easy = random.normal(0, ease, questions)
        skills = random.normal(0, spread, (readers, 1))
        panel = random.random((readers, questions)) < accuracy + skills + easy
        model = random.random(questions) < level + (easy if shared else 0.0)
        yield model.astype(float), panel.astype(float)


def type_one_error(
    random: np.random.Generator, *, quizzes: int, readers: int, questions: int, spread: float, ease: float, shared: bool
) -> float:
    """The share of quizzes whose 95 % interval leaves out 0, which is where p < 0.05."""
    drawn = null_quizzes(
        random, quizzes=quizzes, readers=readers, questions=questions, spread=spread, ease=ease, shared=shared
    )
    intervals = (statistics.difference(model, panel).interval for model, panel in drawn)
    return mean(interval.low > 0 or interval.high < 0 for interval in intervals)


def _level(ease: Answers, wanted: float) -> float:
    """The level at which answers of this ease are right with the wanted probability, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if np.clip(middle + ease, 0, 1).mean() < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def main(quizzes: int) -> None:
    random = np.random.default_rng(14)
    print("questions readers spread | no ease  shared  model's own")
    for questions in QUESTIONS:
        for readers in READERS:
            for spread in SPREADS:
                errors = [
                    type_one_error(
                        random,
                        quizzes=quizzes,
                        readers=readers,
                        questions=questions,
                        spread=spread,
                        ease=ease,
                        shared=shared,
                    )
                    for ease, shared in EASES
                ]
                cells = "  ".join(f"{100 * error:5.1f}" for error in errors)
                print(f"{questions:9d} {readers:7d} {spread:6.2f} | {cells}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else QUIZZES)
