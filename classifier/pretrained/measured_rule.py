"""The rule of a training, chosen on held-out micrographs, and how it does on them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from classifier.arrays import Floats
from classifier.crops.images import TrainingImages
from classifier.pretrained.fold_heads import Folds, HeldOut, fold_metrics
from classifier.pretrained.heads import FittedHead
from classifier.pretrained.linear_classifier import choose_weight
from classifier.pretrained.operating_point import Measured, operating_point
from classifier.pretrained.rejection import Rejection, scale_tolerance
from classifier.quality.posterior import Calibration
from classifier.samples import NONE_OF_THESE
from classifier.scoring.ensemble import MixtureEnsemble
from classifier.scoring.rules import EvidenceRule
from classifier.triplet.mixture import choose_temperature, tempered_posterior

UNMEASURED_TEMPERATURE = 32.0
"""The temperature if no specimen can be held out: the typical choice on UHCS cut to three micrographs a class."""


def choose_rule(
    heads: Sequence[FittedHead], rejection: Rejection, held_out: HeldOut | None, images: TrainingImages
) -> tuple[EvidenceRule, Floats]:
    """The rule, and the posteriors (n, k) of the held-out micrographs, not yet calibrated."""
    temperature, calibration, tolerance, weight = UNMEASURED_TEMPERATURE, Calibration(), np.inf, 0.0
    posteriors = np.zeros((0, len(images.classes)))
    if held_out is not None:
        labels = images.labels[held_out.image].tolist()
        temperature = choose_temperature(held_out.components, labels)
        of_heads = np.stack([tempered_posterior(rows, temperature).mean(0) for rows in held_out.components])
        weight = choose_weight(of_heads, held_out.linear, labels)
        posteriors = (1 - weight) * of_heads + weight * held_out.linear
        calibration, tolerance = Calibration.fit(posteriors, labels), scale_tolerance(held_out.scale_offset)
    members = tuple(replace(head.mixture, temperature=temperature) for head in heads)
    ensemble = MixtureEnsemble(members)
    return EvidenceRule(ensemble, calibration, rejection.limit, rejection.known, tolerance, weight), posteriors


@dataclass(frozen=True)
class MeasuredRule:
    """The held-out micrographs with their posteriors (n, k), and the rule to be measured on them."""

    images: TrainingImages
    folds: Folds
    held_out: HeldOut | None
    posteriors: Floats
    rule: EvidenceRule

    def probabilities(self, rejection: Rejection) -> Floats:
        """The probabilities (n, k + 1) that the rule gives the held-out micrographs."""
        assert self.held_out is not None
        return self.rule.with_none(
            self.rule.calibration.apply(self.posteriors), rejection.evidence(self.held_out.parts)
        )

    def out_of_fold(self, rejection: Rejection) -> dict[int, Floats]:
        """The same, by micrograph."""
        if self.held_out is None:
            return {}
        return dict(zip(self.held_out.image.tolist(), self.probabilities(rejection), strict=True))

    def metrics(self, measured: Measured | None, rejection: Rejection, false_rejection: float) -> dict[str, Any]:
        """The accuracy on held-out micrographs, and the operating point."""
        if self.held_out is None or measured is None:
            return {"held_out": None}
        return {
            "linear_weight": self.rule.linear_weight,
            **fold_metrics(self.images, self.folds, self.held_out, self.probabilities(rejection)),
            "operating_point": operating_point(
                measured, rejection, false_rejection, self.held_out.scale_offset, self.rule.scale_tolerance
            ),
            "point_shares": self._point_shares(self.held_out, rejection),
        }

    def _point_shares(self, held_out: HeldOut, rejection: Rejection) -> dict[str, list[dict[str, float]]]:
        """By class, how the map of each held-out micrograph is counted: the shares of its outcomes above 0."""
        found: dict[str, list[dict[str, float]]] = {name: [] for name in self.images.classes}
        outcomes = [*self.images.classes, NONE_OF_THESE]
        for image, shares in held_out.cells.shares(self.rule, rejection).items():
            counted = zip(outcomes, shares.tolist(), strict=True)
            found[self.images.names[image]].append({name: round(share, 3) for name, share in counted if share})
        return found
