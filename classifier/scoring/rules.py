"""Rules: from the descriptors of a micrograph's crops to its distribution over the classes and none of these."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from classifier.arrays import Floats
from classifier.quality.posterior import Calibration
from classifier.scoring.ensemble import MixtureEnsemble

MEASURED = 2
"""Columns of evidence and of scale offsets."""
STEEPNESS = 1.5
"""How fast the odds of none of these grow with the evidence beyond its limit."""


@dataclass(frozen=True)
class Outcome:
    """The classification of one micrograph: `probabilities` (k + 1,), the last none of these.

    `outside_rank` is the share of known micrographs of unseen specimens that look more familiar, or None if none could
    be held out. `scale_offset` is how far the scale that the pixels suggest lies above the given one, in doublings, if
    that is further than for nearly all known micrographs, else 0.
    """

    probabilities: Floats
    outside_rank: float | None = None
    scale_offset: float = 0.0


class Rule(ABC):
    """Decides per micrograph and per crop."""

    ensemble: MixtureEnsemble

    @abstractmethod
    def micrograph(self, descriptors: Floats) -> Outcome:
        """The outcome of a micrograph from its crops' descriptors (n, d)."""

    @abstractmethod
    def crops(self, descriptors: Floats) -> Floats:
        """The probabilities (n, k + 1) of each crop, for the saliency map and the error of an average."""

    @abstractmethod
    def arrays(self) -> dict[str, Floats]:
        """All numbers by name, for an artifact."""


@dataclass(frozen=True)
class ThresholdRule(Rule):
    """The paper's rule: a crop below the likelihood's threshold is none of these, and a micrograph is the mean of its
    crops.

    `unlikely` (m,), sorted, are the mean negative log-likelihoods of held-out known micrographs. `ood_threshold` serves
    models of format version 2 and earlier: a crop whose last column lies above it is none of these.
    """

    ensemble: MixtureEnsemble
    unlikely: Floats = field(default_factory=lambda: np.zeros(0))
    ood_threshold: float = np.inf

    def micrograph(self, descriptors: Floats) -> Outcome:
        mean = self.crops(descriptors).mean(0)
        return Outcome(mean / mean.sum(), rank(self.unlikely, -float(self.ensemble.log_likelihood(descriptors).mean())))

    def crops(self, descriptors: Floats) -> Floats:
        probabilities = self.ensemble.crop_probabilities(descriptors)
        if self.ensemble.width < descriptors.shape[1]:
            probabilities[descriptors[:, -1] > self.ood_threshold] = np.eye(probabilities.shape[1])[-1]
        return probabilities

    def arrays(self) -> dict[str, Floats]:
        own = {"unlikely": self.unlikely, "ood_threshold": np.array(self.ood_threshold)}
        return self.ensemble.arrays() | own


@dataclass(frozen=True)
class EvidenceRule(Rule):
    """The rule of the recipe "pretrained": none of these if the mean evidence of the crops lies above `limit`.

    The descriptors are followed by a column of evidence, one of scale offsets, and the logits of a linear classifier,
    whose posterior has the weight `linear_weight` beside that of the mixtures. `known` (m,), sorted, has the
    evidence of known micrographs of unseen specimens. `scale_tolerance` is the largest mean offset, in
    doublings, that is not reported.
    """

    ensemble: MixtureEnsemble
    calibration: Calibration
    limit: float
    known: Floats
    scale_tolerance: float
    linear_weight: float = 0.0

    def micrograph(self, descriptors: Floats) -> Outcome:
        evidence, offset = descriptors[:, self.ensemble.width :][:, :MEASURED].mean(0)
        posterior = self.calibration.apply(self._posterior(descriptors).mean(0))
        (probabilities,) = self.with_none(posterior[None], np.array([evidence]))
        beyond = abs(offset) > self.scale_tolerance
        return Outcome(probabilities, rank(self.known, float(evidence)), float(offset) if beyond else 0.0)

    def crops(self, descriptors: Floats) -> Floats:
        return self.with_none(self._posterior(descriptors), descriptors[:, self.ensemble.width])

    def arrays(self) -> dict[str, Floats]:
        names = ("limit", "scale_tolerance", "linear_weight")
        numbers = {**{name: getattr(self, name) for name in names}, **vars(self.calibration)}
        own = {name: np.array(value, np.float64) for name, value in numbers.items()}
        return self.ensemble.arrays() | own | {"known": self.known}

    def _posterior(self, descriptors: Floats) -> Floats:
        """The posterior (n, k) of each crop, not calibrated."""
        mixtures = self.ensemble.posterior(descriptors)
        if not self.linear_weight:
            return mixtures
        logits = descriptors[:, self.ensemble.width + MEASURED :]
        powers = np.exp(logits - logits.max(1, keepdims=True))
        linear: Floats = powers / powers.sum(1, keepdims=True)
        return (1 - self.linear_weight) * mixtures + self.linear_weight * linear

    def with_none(self, posterior: Floats, evidence: Floats) -> Floats:
        """Probabilities (n, k + 1) of posteriors (n, k) and evidence (n,).

        None of these leads exactly where the evidence is above the limit. Its odds against the leading class never
        leave what the number of held-out micrographs can support.
        """
        if np.isposinf(self.limit):
            return np.column_stack((posterior, np.zeros(len(posterior))))
        most = np.log(len(self.known) + 1)
        odds = posterior.max(1) * np.exp(np.clip(STEEPNESS * (evidence - self.limit), -most, most))
        none = odds / (1 + odds)
        return np.column_stack((posterior * (1 - none)[:, None], none))


def rank(known: Floats, value: float) -> float | None:
    """The share of the sorted values `known` below `value`; None if there are none."""
    return float(np.searchsorted(known, value) / len(known)) if len(known) else None


def rule_of_arrays(arrays: Mapping[str, Floats]) -> Rule:
    """The inverse of `Rule.arrays`."""
    ensemble = MixtureEnsemble.of_arrays(arrays)
    if "limit" not in arrays:
        return ThresholdRule(ensemble, arrays.get("unlikely", np.zeros(0)), float(arrays["ood_threshold"]))
    calibration = Calibration(float(arrays["exponent"]), int(arrays["held_out"]))
    limit, tolerance, weight = (float(arrays[name]) for name in ("limit", "scale_tolerance", "linear_weight"))
    return EvidenceRule(ensemble, calibration, limit, arrays["known"], tolerance, weight)
