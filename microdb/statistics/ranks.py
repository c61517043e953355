"""Places in an order of merit, which depend on chance more than they seem to."""

from dataclasses import dataclass

import numpy as np

from microdb.statistics import binomial
from microdb.statistics.panels import Answers
from microdb.statistics.significance import discordant_pairs, holm, mcnemar_p


@dataclass(frozen=True)
class Rank:
    """A place among ``of`` raters, 1 being the best; ``low`` to ``high`` is its 95 % interval."""

    place: int
    of: int
    low: int
    high: int


def rank_among(model: Answers, readers: Answers, significance: float = 0.05) -> Rank:
    """The model's place among the readers (readers x questions), each compared on the questions that both answered.

    The interval leaves out places above readers who are better, and below readers who are worse, by McNemar's exact
    test with Holm's correction for all readers. So it holds for all of them together, and never has width 0 by chance
    (D. Mohamad, E. W. van Zwet and J. J. Goeman, Simultaneous confidence intervals for ranks, arXiv 1812.05507).
    """
    gains = [discordant_pairs(model, reader) for reader in readers]
    shown = [p < significance for p in holm([mcnemar_p(model, reader) for reader in readers])]
    better = sum(lost > won for won, lost in gains)
    surely_better = sum(sure and lost > won for (won, lost), sure in zip(gains, shown, strict=True))
    surely_worse = sum(sure and won > lost for (won, lost), sure in zip(gains, shown, strict=True))
    of = len(readers) + 1
    return Rank(place=better + 1, of=of, low=surely_better + 1, high=of - surely_worse)


def best_by_chance(readers: int, questions: int, share: float) -> float:
    """The expected accuracy of the best of readers who are all equally good: right with probability ``share``."""
    at_most = np.cumsum(binomial.probabilities(questions, share))
    return float(np.sum(1 - np.minimum(at_most[:-1], 1.0) ** readers)) / questions
