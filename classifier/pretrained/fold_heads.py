"""One head of the recipe "pretrained" with all that is fitted beside it, and what it says of a micrograph."""

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
from classifier.pretrained.rejection import HeldOutPrediction
from classifier.pretrained.window_bank import WindowBank
from classifier.progress import Reporter
from classifier.triplet.loop import Batch, train_network
from classifier.triplet.mixture import Mixture
from classifier.triplet.sampler import BalancedSampler

AT_ONCE = 8192
"""Rows of the bank that are described at once."""


@dataclass(frozen=True)
class FittedHead:
    """One head with what was fitted to the micrographs that it trained on; `ood_location` and `spread` are the median of
    their windows' ood_residual, and how far above it the uppermost tenth begins."""

    head: Head
    mixture: Mixture
    ood_residual: OodResidual
    ood_location: float
    spread: float


@dataclass(frozen=True)
class HeadFitter:
    """What every fit of an fitted needs."""

    bank: WindowBank
    images: TrainingImages
    config: Config
    generator: torch.Generator

    def fitted(self, head: Head, ood_residual: OodResidual, inside: Index, report: Reporter) -> FittedHead:
        """Train a head on some micrographs; fit mixture and ood_residual to their plain windows."""
        bank, rows = self.bank, self.bank.rows(inside)
        head.start(bank.features[rows], bank.log2_scale[rows], self.generator)
        sampler = BalancedSampler(self.images.labels[inside].tolist(), [str(image) for image in inside])

        def draw(done: float) -> Batch:
            return bank.draw(sampler, inside, head, self.config, self.generator)

        train_network(head, draw, self.config, self.config.triplets.steps, report)
        labels = self.images.labels[bank.image[rows]]
        counts = [1] * len(self.images.classes)
        mixture = Mixture.fit(self.describe(head, rows), labels, counts, self.config.mixture.shrinkage)
        ood_residual.to(bank.features.device).learn(bank.mean_features(inside))
        strange = self.strange(ood_residual, rows)
        ood_location = float(np.median(strange))
        return FittedHead(
            head, mixture, ood_residual, ood_location, max(1e-6, float(np.quantile(strange, 0.9)) - ood_location)
        )

    def describe(self, head: Head, rows: Index) -> Floats:
        """Descriptors (n, d) of some rows of the bank."""
        return _in_parts(lambda some: head(self.bank.features[some], self.bank.log2_scale[some]), rows)

    def strange(self, ood_residual: OodResidual, rows: Index) -> Floats:
        """The ood_residual (n,) of some rows of the bank."""
        return _in_parts(lambda some: ood_residual(self.bank.features[some]), rows)

    def judge(self, fitted: FittedHead, image: int) -> HeldOutPrediction:
        """What an fitted says of one micrograph."""
        rows = self.bank.windows_of(image)
        descriptors, mixture = self.describe(fitted.head, rows), fitted.mixture
        likelihood = mixture.standardised_likelihood(mixture.log_likelihood(descriptors))
        familiarity = (fitted.ood_location - self.strange(fitted.ood_residual, rows)) / fitted.spread
        return HeldOutPrediction(image, likelihood, familiarity, mixture.component_log_likelihood(descriptors))


def _in_parts(compute: Callable[[Index], Tensor], rows: Index) -> Floats:
    """What is computed for each of the rows, a part of them at once to bound the memory."""
    with torch.inference_mode():
        parts = [compute(rows[start : start + AT_ONCE]).cpu() for start in range(0, len(rows), AT_ONCE)]
    return torch.cat(parts).numpy().astype(np.float64)
