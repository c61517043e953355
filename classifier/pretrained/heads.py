"""Fitting one head: its triplet training and its mixture; and its predictions."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from classifier.arrays import Floats, Index
from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.pretrained.linear_classifier import LinearClassifier
from classifier.pretrained.network import Head
from classifier.pretrained.window_bank import WindowBank
from classifier.progress import Reporter
from classifier.scoring.descriptor_map import SKETCH_POINTS, sketch
from classifier.triplet.loop import Batch, Training
from classifier.triplet.mixture import Mixture
from classifier.triplet.network import DescriptorNetwork
from classifier.triplet.sampler import BalancedSampler

SKETCHES = 10
"""Times that a head in training reports the map."""
ROWS_AT_ONCE = 8192
"""Rows of the bank that are described at once, to bound the memory."""


@dataclass(frozen=True)
class FittedHead:
    """A head with its mixture."""

    head: Head
    mixture: Mixture


@dataclass(frozen=True)
class HeadFitter:
    """Fits heads to the window bank."""

    bank: WindowBank
    images: TrainingImages
    config: Config
    generator: torch.Generator

    def fit(self, head: Head, images: Index, report: Reporter) -> FittedHead:
        """Train a head on these micrographs; fit the mixture to their plain windows."""
        bank, rows = self.bank, self.bank.rows(images)
        head.start(bank.features[rows], bank.log2_scale[rows], self.generator)
        sampler = BalancedSampler(self.images.labels[images].tolist(), [str(image) for image in images])

        def draw(done: float) -> Batch:
            return bank.draw(sampler, images, head, self.config, self.generator)

        training = Training(head, self.config.triplets, self.config.triplets.steps)
        training.run(draw, report, lambda: self._show_map(training, rows, report))
        labels = self.images.labels[bank.image[rows]]
        equal_weights = [1] * len(self.images.classes)
        return FittedHead(
            head, Mixture.fit(self.describe(head, rows), labels, equal_weights, self.config.mixture.shrinkage)
        )

    def _show_map(self, training: Training, rows: Index, report: Reporter) -> bool:
        """Now and then, report the map as it forms; never ends the training."""
        if training.step % max(1, training.steps // SKETCHES) == 0:
            chosen = rows[:: max(1, len(rows) // SKETCH_POINTS)]
            head = training.network
            head.eval()
            formed = sketch(
                self.describe(head, chosen), self.images.labels[self.bank.image[chosen]], self.images.classes
            )
            head.train()
            done, message = training.step / training.steps, f"step {training.step} of {training.steps}"
            report("training", done, message, training.smoothed_loss, {"map": formed})
        return False

    def describe(self, head: DescriptorNetwork, rows: Index) -> Floats:
        """Descriptors (n, d) of these rows of the bank."""
        return in_parts(lambda part: head(self.bank.features[part], self.bank.log2_scale[part]), rows)

    def fit_linear(self, linear: LinearClassifier, head: Head, images: Index) -> LinearClassifier:
        """Fit the linear classifier to the mean features of these micrographs, standardised as by a head."""
        bank = self.bank
        inputs = []
        for image in images:
            rows = bank.rows_of(int(image))
            inputs.append(head.penultimate(bank.features[rows], bank.log2_scale[rows]).mean(0))
        labels = torch.from_numpy(self.images.labels[images]).to(bank.features.device)
        return linear.fit(torch.stack(inputs), labels)

    def linear_posterior(self, linear: LinearClassifier, head: Head, image: int) -> Floats:
        """The linear classifier's mean posterior (k,) over the windows of one micrograph."""
        rows, bank = self.bank.rows_of(image), self.bank

        def posterior(part: Index) -> Tensor:
            logits: Tensor = linear(head.penultimate(bank.features[part], bank.log2_scale[part]))
            return logits.softmax(1)

        mean: Floats = in_parts(posterior, rows).mean(0)
        return mean

    def components(self, fitted: FittedHead, image: int) -> Floats:
        """The components' log-likelihoods (n, k) in the windows of one micrograph."""
        return fitted.mixture.component_log_likelihood(self.describe(fitted.head, self.bank.rows_of(image)))


def in_parts(compute: Callable[[Index], Tensor], rows: Index) -> Floats:
    """The results for all rows, computed in parts."""
    with torch.inference_mode():
        parts = [compute(rows[start : start + ROWS_AT_ONCE]).cpu() for start in range(0, len(rows), ROWS_AT_ONCE)]
    return torch.cat(parts).numpy().astype(np.float64)
