"""The average over a micrograph's random crops, stopped as soon as its label is settled."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import torch

from classifier.arrays import Floats
from classifier.config import Config
from classifier.crops.plan import Plan, random_plan
from classifier.crops.pyramid import Pyramid
from classifier.progress import Reporter

Predict = Callable[[Plan], tuple[Floats, Floats]]
"""Crop probabilities (n, k + 1) and descriptors (n, d) of the windows of a plan."""


@dataclass(frozen=True)
class Average:
    """The crops of one micrograph: their windows, probabilities (n, k + 1) and descriptors (n, d).

    `lattice`, if it was asked for, has small windows that cover the micrograph evenly, for the saliency map alone.
    `warning` is a sentence about the picture, or empty. `descriptor` (m,) is that of the whole micrograph, where the
    recipe has another than the mean of its crops'.
    """

    plans: tuple[Plan, ...]
    probabilities: Floats
    descriptors: Floats
    lattice: "Average | None" = None
    warning: str = ""
    descriptor: Floats | None = None

    @property
    def error(self) -> float:
        """Standard error of the largest mean probability that the choice of crops leaves."""
        count = len(self.probabilities)
        if count < 2:
            return 0.0
        leading = int(self.probabilities.mean(0).argmax())
        return float(self.probabilities[:, leading].std(ddof=1) / math.sqrt(count))


def average_crops(
    predict: Predict,
    pyramid: Pyramid,
    config: Config,
    generator: torch.Generator,
    limit: int,
    stop_early: bool,
    report: Reporter,
) -> Average:
    """Average up to `limit` random crops, in rounds. The crops are the same whether or not it stops early."""
    plans: list[Plan] = []
    probabilities: list[Floats] = []
    descriptors: list[Floats] = []
    size = config.scoring.round_crops
    rounds = math.ceil(limit / size)
    for done in range(0, limit, size):
        count = min(size, limit - done)
        plans.append(random_plan([pyramid], np.zeros(count, np.int64), config, generator))
        new_probabilities, new_descriptors = predict(plans[-1])
        probabilities.append(new_probabilities)
        descriptors.append(new_descriptors)
        report("scoring", (done + count) / limit, f"{done + count} of at most {limit} crops")
        if stop_early and is_settled(np.concatenate(probabilities), config.scoring.confidence, rounds):
            break
    return Average(tuple(plans), np.concatenate(probabilities), np.concatenate(descriptors))


def is_settled(probabilities: Floats, confidence: float, tests: int) -> bool:
    """Whether the leading outcome of (n, k + 1) beats the next by more than chance.

    A normal test of the paired difference. Bonferroni's correction for `tests` keeps the error of all rounds together
    at 1 - `confidence`.
    """
    if len(probabilities) < 2:
        return False
    second, first = np.argsort(probabilities.mean(0), kind="stable")[-2:]
    lead = probabilities[:, first] - probabilities[:, second]
    needed = NormalDist().inv_cdf(1 - (1 - confidence) / tests)
    return bool(lead.mean() > needed * lead.std(ddof=1) / math.sqrt(len(lead)))
