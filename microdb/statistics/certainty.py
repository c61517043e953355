"""How much of a stated probability the held-out cases of a classifier support, and which leads are small."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

UNSUPPORTED = 0.9
"""The largest probability to show for a classifier without held-out cases."""
SURE = 1 / 2
"""Share of right answers from which on a lead counts as one."""
FEWEST = 10
"""Held-out cases that a share of right answers needs."""
USUAL_LEAD = 0.2
"""What counts as a small lead where too few cases were held out."""
SMALLEST_LEAD, LARGEST_LEAD = 0.05, 0.5
"""Whatever the held-out cases show, a smaller lead is small and a larger one is not."""


def ceiling(held_out: int | None) -> float:
    """The largest probability that so many held-out cases support: Laplace's rule of succession, by which the next case
    after n without a mistake is right with the probability (n + 1) / (n + 2)."""
    return (held_out + 1) / (held_out + 2) if held_out else UNSUPPORTED


def capped(probabilities: Mapping[str, float], held_out: int | None) -> dict[str, float]:
    """The probabilities, drawn towards equal ones until the largest is no larger than the ceiling.

    Their order and their sum of 1 stay. Probabilities below the ceiling stay as they are.
    """
    largest, equal = max(probabilities.values(), default=0.0), 1 / max(1, len(probabilities))
    most = max(ceiling(held_out), equal)
    if largest <= most:
        return dict(probabilities)
    kept = (most - equal) / (largest - equal)
    return {name: equal + kept * (value - equal) for name, value in probabilities.items()}


def leads(probabilities: Mapping[str, float]) -> tuple[list[str], float]:
    """The two most probable outcomes, and how far the first lies above the second."""
    first, second = sorted(probabilities, key=probabilities.__getitem__, reverse=True)[:2]
    return [first, second], probabilities[first] - probabilities[second]


def small_lead(lead: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The lead below which an answer is unsure, from the leads (n,) of held-out cases and which were answered right.

    It is the largest for which, of all cases with a smaller or the same lead, fewer than a half are right.
    """
    if len(lead) < 2 * FEWEST:
        return USUAL_LEAD
    order = np.argsort(lead, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(lead) + 1)
    unsure = np.flatnonzero(share[FEWEST - 1 :] < SURE) + FEWEST - 1
    found = float(lead[order][unsure[-1]]) if len(unsure) else 0.0
    return min(max(found, SMALLEST_LEAD), LARGEST_LEAD)
