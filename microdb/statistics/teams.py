"""Accuracy of people and a model together: by vote, or by deferral of the model's least confident answers."""

import numpy as np
from numpy.typing import NDArray

from microdb.statistics.panels import Answers


def vote_credit(shares: NDArray[np.float64], truth: NDArray[np.int_]) -> Answers:
    """The credit of a vote per question: 1 where the truth has the largest share, divided among winners in a tie.

    ``shares`` is questions x options; a question without any share gets 0.
    """
    highest = shares.max(axis=1, keepdims=True)
    winners = np.isclose(shares, highest) & (highest > 0)
    won = winners[np.arange(len(truth)), truth]
    return np.asarray(np.where(won, 1 / np.maximum(winners.sum(axis=1), 1), 0.0))


def deferral_curve(confidence: NDArray[np.float64], model: Answers, people: Answers) -> list[tuple[float, float]]:
    """(Share of questions deferred to people, accuracy of the team), from none to all.

    The model keeps the questions of which it is most confident; ``model`` and ``people`` are credits per question.
    """
    order = np.argsort(confidence, kind="stable")
    gains = np.concatenate([[0.0], np.cumsum((people - model)[order])])
    team = (model.sum() + gains) / len(model)
    return [(number / len(model), float(accuracy)) for number, accuracy in enumerate(team)]
