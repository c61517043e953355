"""The rule for none of these: a window is rejected if it is unlikely or unfamiliar.

Unlikely: a low log-likelihood of its descriptors under the mixture. Unfamiliar: a high OOD score (ood_residual.py).
Both are standardised by each fit's own training windows, so that limits move from one fit to another. Evidence on
specimens that a head was not trained on sets the limits. docs/method/none-of-these.md lists the rules that were tried.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.arrays import Floats
from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.triplet.mixture import choose_temperature, tempered_posterior
from classifier.triplet.threshold import critical_threshold


@dataclass(frozen=True)
class Limits:
    """A window below either, both standardised, is none of these."""

    likelihood: float
    familiarity: float


@dataclass(frozen=True)
class WindowEvidence:
    """What one head finds in the n windows of micrograph `image`: the standardised log-likelihood (n,), the familiarity
    (n,), which is the negative of the standardised OOD score, and each component's log-likelihood (n, k)."""

    image: int
    likelihood: Floats
    familiarity: Floats
    components: Floats

    def probabilities(self, limits: Limits, temperature: float) -> Floats:
        """The average over the windows, (k + 1,), the last none of these."""
        kept = (self.likelihood >= limits.likelihood) & (self.familiarity >= limits.familiarity)
        posterior = tempered_posterior(self.components, temperature)
        return np.append((posterior * kept[:, None]).mean(0), 1 - kept.mean())

    def is_rejected(self, limits: Limits, temperature: float) -> bool:
        """Whether the micrograph is none of these."""
        return bool(self.probabilities(limits, temperature).argmax() == self.components.shape[1])


UNMEASURED_TEMPERATURE = 32.0
"""The temperature if no specimen can be held out: the typical choice on UHCS cut to three micrographs a class."""
UNMEASURED_LIMITS = Limits(-np.inf, -np.inf)
"""The limits in that case: nothing is rejected. Limits from the training micrographs themselves rejected 95 % of the
others on UHCS cut to one specimen a class."""


def choose_limits(evidence: Sequence[WindowEvidence], temperature: float, false_rejection: float) -> Limits:
    """The highest limits that call at most a share `false_rejection` of known micrographs none of these.

    Each limit alone would reject the same number; together they reject more than that and at most twice it.
    """
    posteriors = [tempered_posterior(one.components, temperature) for one in evidence]
    critical_likelihoods, critical_familiarities = (
        sorted(critical_threshold(values, posterior) for values, posterior in zip(column, posteriors, strict=True))
        for column in ([one.likelihood for one in evidence], [one.familiarity for one in evidence])
    )
    allowed = int(false_rejection * len(evidence))

    def limits(alone: int) -> Limits:
        return Limits(critical_likelihoods[alone], critical_familiarities[alone])

    def rejected(alone: int) -> int:
        return sum(one.is_rejected(limits(alone), temperature) for one in evidence)

    # The number rejected grows with the limits, so bisection finds them without trying each pair
    return limits(max(0, bisect_right(range(min(allowed + 1, len(evidence))), allowed, key=rejected) - 1))


def choose_temperature_and_limits(
    images: TrainingImages,
    held_out: Sequence[WindowEvidence],
    trained_on: Sequence[WindowEvidence],
    config: Config,
) -> tuple[float, Limits]:
    """The temperature and the limits that the evidence on held-out specimens sets.

    No micrograph that could not be held out is rejected: a class with few specimens has high OOD scores beside larger
    ones. `trained_on` is the evidence of the final heads on those micrographs.
    """
    if not held_out:
        return UNMEASURED_TEMPERATURE, UNMEASURED_LIMITS
    labels = [int(images.labels[one.image]) for one in held_out]
    temperature = choose_temperature([one.components for one in held_out], labels)
    limits = choose_limits(held_out, temperature, config.mixture.false_rejection)
    for one in trained_on:
        if one.is_rejected(limits, temperature):
            likelihood = min(limits.likelihood, float(one.likelihood.min()))
            limits = Limits(likelihood, min(limits.familiarity, float(one.familiarity.min())))
    return temperature, limits
