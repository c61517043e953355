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
from classifier.pretrained.ood_residual import Strangeness
from classifier.pretrained.rejection import Unseen
from classifier.pretrained.window_bank import Bank
from classifier.progress import Reporter
from classifier.triplet.loop import Batch, train_network
from classifier.triplet.mixture import Mixture
from classifier.triplet.sampler import BalancedSampler

AT_ONCE = 8192
"""Rows of the bank that are described at once."""


@dataclass(frozen=True)
class Expert:
    """One head with what was fitted to the micrographs that it trained on; `usual` and `spread` are the median of
    their windows' strangeness, and how far above it the uppermost tenth begins."""

    head: Head
    mixture: Mixture
    strangeness: Strangeness
    usual: float
    spread: float


@dataclass(frozen=True)
class Fitting:
    """What every fit of an expert needs."""

    bank: Bank
    images: TrainingImages
    config: Config
    generator: torch.Generator

    def expert(self, head: Head, strangeness: Strangeness, inside: Index, report: Reporter) -> Expert:
        """Train a head on some micrographs; fit mixture and strangeness to their plain windows."""
        bank, rows = self.bank, self.bank.rows(inside)
        head.start(bank.textures[rows], bank.log2_scale[rows], self.generator)
        sampler = BalancedSampler(self.images.labels[inside].tolist(), [str(image) for image in inside])

        def draw(done: float) -> Batch:
            return bank.draw(sampler, inside, head, self.config, self.generator)

        train_network(head, draw, self.config, self.config.triplets.steps, report)
        labels = self.images.labels[bank.image[rows]]
        counts = [1] * len(self.images.classes)
        mixture = Mixture.fit(self.describe(head, rows), labels, counts, self.config.mixture.shrinkage)
        strangeness.to(bank.textures.device).learn(bank.of_each(inside))
        strange = self.strange(strangeness, rows)
        usual = float(np.median(strange))
        return Expert(head, mixture, strangeness, usual, max(1e-6, float(np.quantile(strange, 0.9)) - usual))

    def describe(self, head: Head, rows: Index) -> Floats:
        """Descriptors (n, d) of some rows of the bank."""
        return _in_parts(lambda some: head(self.bank.textures[some], self.bank.log2_scale[some]), rows)

    def strange(self, strangeness: Strangeness, rows: Index) -> Floats:
        """The strangeness (n,) of some rows of the bank."""
        return _in_parts(lambda some: strangeness(self.bank.textures[some]), rows)

    def judge(self, expert: Expert, image: int) -> Unseen:
        """What an expert says of one micrograph."""
        rows = self.bank.windows_of(image)
        descriptors, mixture = self.describe(expert.head, rows), expert.mixture
        likelihood = mixture.in_spreads(mixture.log_likelihood(descriptors))
        familiarity = (expert.usual - self.strange(expert.strangeness, rows)) / expert.spread
        return Unseen(image, likelihood, familiarity, mixture.component_log_likelihood(descriptors))


def _in_parts(compute: Callable[[Index], Tensor], rows: Index) -> Floats:
    """What is computed for each of the rows, a part of them at once to bound the memory."""
    with torch.inference_mode():
        parts = [compute(rows[start : start + AT_ONCE]).cpu() for start in range(0, len(rows), AT_ONCE)]
    return torch.cat(parts).numpy().astype(np.float64)
