"""Fitting one head: its triplet training, its mixture and its OOD residual; and its predictions."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from classifier.arrays import Floats, Index
from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.pretrained.network import Head
from classifier.pretrained.ood_residual import OodResidual
from classifier.pretrained.rejection import WindowEvidence
from classifier.pretrained.window_bank import WindowBank
from classifier.progress import Reporter
from classifier.triplet.loop import Batch, Training
from classifier.triplet.mixture import Mixture
from classifier.triplet.sampler import BalancedSampler

ROWS_AT_ONCE = 8192
"""Rows of the bank that are described at once, to bound the memory."""


@dataclass(frozen=True)
class FittedHead:
    """A head with its mixture and OOD residual. `ood_location` and `ood_dispersion` standardise OOD scores: the median
    over the training windows, and the 90 % quantile less the median."""

    head: Head
    mixture: Mixture
    ood_residual: OodResidual
    ood_location: float
    ood_dispersion: float


@dataclass(frozen=True)
class HeadFitter:
    """Fits heads to the window bank."""

    bank: WindowBank
    images: TrainingImages
    config: Config
    generator: torch.Generator

    def fit(self, head: Head, ood_residual: OodResidual, images: Index, report: Reporter) -> FittedHead:
        """Train a head on these micrographs; fit mixture and OOD residual to their plain windows."""
        bank, rows = self.bank, self.bank.rows(images)
        head.start(bank.features[rows], bank.log2_scale[rows], self.generator)
        sampler = BalancedSampler(self.images.labels[images].tolist(), [str(image) for image in images])

        def draw(done: float) -> Batch:
            return bank.draw(sampler, images, head, self.config, self.generator)

        Training(head, self.config.triplets, self.config.triplets.steps).run(draw, report)
        labels = self.images.labels[bank.image[rows]]
        equal_weights = [1] * len(self.images.classes)
        mixture = Mixture.fit(self.describe(head, rows), labels, equal_weights, self.config.mixture.shrinkage)
        ood_residual.to(bank.features.device).fit(bank.mean_features(images))
        scores = self.ood_scores(ood_residual, rows)
        location = float(np.median(scores))
        dispersion = max(1e-6, float(np.quantile(scores, 0.9)) - location)
        return FittedHead(head, mixture, ood_residual, location, dispersion)

    def describe(self, head: Head, rows: Index) -> Floats:
        """Descriptors (n, d) of these rows of the bank."""
        return _in_parts(lambda part: head(self.bank.features[part], self.bank.log2_scale[part]), rows)

    def ood_scores(self, ood_residual: OodResidual, rows: Index) -> Floats:
        """OOD scores (n,) of these rows of the bank."""
        return _in_parts(lambda part: ood_residual(self.bank.features[part]), rows)

    def evidence(self, fitted: FittedHead, image: int) -> WindowEvidence:
        """What a head finds in the windows of one micrograph."""
        rows = self.bank.rows_of(image)
        descriptors, mixture = self.describe(fitted.head, rows), fitted.mixture
        likelihood = mixture.standardised(mixture.log_likelihood(descriptors))
        familiarity = (fitted.ood_location - self.ood_scores(fitted.ood_residual, rows)) / fitted.ood_dispersion
        return WindowEvidence(image, likelihood, familiarity, mixture.component_log_likelihood(descriptors))


def _in_parts(compute: Callable[[Index], Tensor], rows: Index) -> Floats:
    """The results for all rows, computed in parts."""
    with torch.inference_mode():
        parts = [compute(rows[start : start + ROWS_AT_ONCE]).cpu() for start in range(0, len(rows), ROWS_AT_ONCE)]
    return torch.cat(parts).numpy().astype(np.float64)
