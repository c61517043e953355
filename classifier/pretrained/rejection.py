"""The rule for none of these: what the recipe "pretrained" calls neither likely nor familiar enough to be a class.

Descriptors keep what tells the classes apart, ood_residual (ood_residual.py) looks at the rest. A window below the limit
of either is none of these. What heads_ say of micrographs that they have not seen sets the limits, in units of the
spread that each fit finds among its own training windows, in which they move from one fit to another.

Rules for none of these that were tried on UHCS, three seeds of five grouped folds of the 140 training images: right of
the known, known rejected, near unknown found (each class left out in turn), far unknown found (25 photographs of other
things / 48 drawn steels and other materials, the class names of which UHCS shares in part):

| rule | right | known rejected | near found | far found |
| --- | --- | --- | --- | --- |
| likelihood and ood_residual, 3 % of out-of-fold micrographs | 77 % | 3 % | 21 % | 84 / 50 % |
| the same, 5 % (shipped) | 75 % | 5 % | 30 % | 88 / 63 % |
| the same, 10 % | 71 % | 11 % | 41 % | 94 / 85 % |
| the same, 15 % | 68 % | 15 % | 45 % | 96 / 95 % |

Single statistics at 10 %, averaged over a micrograph (two seeds), near and all 73 far ones found: log-likelihood of
the descriptors 43 and 77 %; ood_residual 19 and 91 %; distance to the third nearest training micrograph 16 and 90 %;
distance along 20 principal axes 20 and 82 %; the larger of the first two 38 and 94 %, their sum 38 and 90 %. The
entropy of the posterior added to those finds more of the near (43 %) and fewer of the far (78 %). A rule learnt from
ten statistics of the known, of half the far ones and of the other classes left out finds at 10 % near 29 and far 93 %
(logistic regression), 31 and 95 % (boosted trees), though it was asked about known and far ones it had learnt from.
Windows that vote by a logistic function one spread wide instead of a step: near 37, photographs 88, drawn 75 %.

The aims of 60 and 95 % are not reached together: spheroidite with and without Widmanstätten plates encode_windows alike, so
either left out is taken for the other. Five per cent is shipped, since in a quiz with few unknowns each known one
that is rejected costs more than it finds.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.arrays import Floats
from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.triplet.mixture import choose_temperature, softened
from classifier.triplet.threshold import critical_threshold


@dataclass(frozen=True)
class HeldOutPrediction:
    """What an fitted says of one micrograph that it has not seen: per window the log-likelihood and the familiarity
    (the negative ood_residual), both in spreads (n,), and each component's log-likelihood (n, k)."""

    image: int
    likelihood: Floats
    familiarity: Floats
    components: Floats

    def probabilities(self, limits: "Limits", temperature: float) -> Floats:
        """The average over the windows, (k + 1,), the last none of these."""
        kept = (self.likelihood >= limits.likelihood) & (self.familiarity >= limits.familiarity)
        posterior = softened(self.components, temperature)
        return np.append((posterior * kept[:, None]).mean(0), 1 - kept.mean())


@dataclass(frozen=True)
class Limits:
    """A window below either, in spreads, is none of these."""

    likelihood: float
    familiarity: float


UNMEASURED_TEMPERATURE = 32.0
"""Where no specimen can be held out: what UHCS cut to three micrographs a class chose (in three folds 14, 32, 58)."""
UNMEASURED_LIMITS = Limits(-np.inf, -np.inf)
"""There, none of these is never said, for nothing tells how far from the training micrographs held_out_predictions ones lie. Limits
from the training micrographs themselves rejected 95 % of the others on UHCS cut to a specimen a class, 99 % on UHCS cut
to two micrographs a class."""


def choose_limits(
    held_out_predictions: Sequence[HeldOutPrediction], temperature: float, false_rejection: float
) -> Limits:
    """The highest limits under which at most that share of known micrographs is called none of these.

    Each of the two alone would reject the same share; together they reject more than that and at most twice it.
    """
    posteriors = [softened(said.components, temperature) for said in held_out_predictions]
    turning = [
        sorted(critical_threshold(values, posterior) for values, posterior in zip(column, posteriors, strict=True))
        for column in (
            [said.likelihood for said in held_out_predictions],
            [said.familiarity for said in held_out_predictions],
        )
    ]
    allowed = int(false_rejection * len(held_out_predictions))

    def rejected(alone: int) -> int:
        limits = Limits(turning[0][alone], turning[1][alone])
        means = [said.probabilities(limits, temperature) for said in held_out_predictions]
        return sum(mean.argmax() == len(mean) - 1 for mean in means)

    # The higher the limits the more are rejected: thousands of micrographs need no encode_windows at each pair of limits
    alone = max(0, bisect_right(range(min(allowed + 1, len(held_out_predictions))), allowed, key=rejected) - 1)
    return Limits(turning[0][alone], turning[1][alone])


def choose_temperature_and_limits(
    images: TrainingImages,
    held_out_predictions: Sequence[HeldOutPrediction],
    trained_on: Sequence[HeldOutPrediction],
    config: Config,
) -> tuple[float, Limits]:
    """The temperature, and the limits that micrographs of held-out specimens set.

    None of those that could not be held out is rejected: a class of few specimens among many others looks strange.
    """
    if not held_out_predictions:
        return UNMEASURED_TEMPERATURE, UNMEASURED_LIMITS
    temperature = choose_temperature(
        [said.components for said in held_out_predictions], [images.labels[s.image] for s in held_out_predictions]
    )
    limits = choose_limits(held_out_predictions, temperature, config.mixture.false_rejection)
    for said in trained_on:
        if said.probabilities(limits, temperature).argmax() == len(images.classes):
            lowest = float(said.likelihood.min()), float(said.familiarity.min())
            limits = Limits(min(limits.likelihood, lowest[0]), min(limits.familiarity, lowest[1]))
    return temperature, limits
