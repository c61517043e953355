"""How held-out micrographs of one class would be counted on their saliency maps, cell by cell.

A window around a cell is smaller than those that a verdict averages, and it stands alone, so it is taken for another
class more often. These counts say how often, for each class on specimens that nothing was fitted to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from torch import Tensor

from classifier.arrays import Floats, Index
from classifier.pretrained.evidence import Evidence
from classifier.pretrained.heads import FittedHead, in_parts
from classifier.pretrained.linear_classifier import LinearClassifier
from classifier.pretrained.owned_windows import OwnedWindows
from classifier.pretrained.rejection import Rejection
from classifier.scoring.rules import EvidenceRule
from classifier.triplet.mixture import tempered_posterior


@dataclass(frozen=True)
class HeldOutCells:
    """What was found in m cells: the index of the micrograph `image` (m,), the components' log-likelihoods
    `components` (m, k), the linear classifier's posteriors `linear` (m, k), and the `parts` of the evidence (m, 2)."""

    image: Index
    components: Floats
    linear: Floats
    parts: Floats

    @classmethod
    def of(
        cls, windows: OwnedWindows, fitted: FittedHead, linear: LinearClassifier, evidence: Evidence
    ) -> "HeldOutCells":
        """What a fit finds in these windows."""
        rows, head = np.arange(len(windows.owner)), fitted.head

        def features(part: Index) -> tuple[Tensor, Tensor]:
            return windows.features[part], windows.log2_scale[part]

        descriptors = in_parts(lambda part: head(*features(part)), rows)
        return cls(
            image=windows.owner,
            components=fitted.mixture.component_log_likelihood(descriptors),
            linear=in_parts(lambda part: linear(head.penultimate(*features(part))).softmax(1), rows),
            parts=in_parts(lambda part: evidence.parts(*features(part)), rows),
        )

    @classmethod
    def join(cls, folds: Sequence["HeldOutCells"]) -> "HeldOutCells":
        return cls(**{one.name: np.concatenate([getattr(fold, one.name) for fold in folds]) for one in fields(cls)})

    def shares(self, rule: EvidenceRule, rejection: Rejection) -> dict[int, Floats]:
        """By micrograph, the share of its cells with each outcome (k + 1,), the last one none of these."""
        temperature = rule.ensemble.members[0].temperature
        posterior = (1 - rule.linear_weight) * tempered_posterior(self.components, temperature)
        posterior += rule.linear_weight * self.linear
        outcomes = rule.with_none(posterior, rejection.evidence(self.parts)).argmax(1)
        count = posterior.shape[1] + 1
        return {
            int(image): np.bincount(outcomes[self.image == image], minlength=count) / (self.image == image).sum()
            for image in np.unique(self.image)
        }
