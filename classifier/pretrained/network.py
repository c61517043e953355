"""The frozen encoder under an ensemble of linear heads, the evidence of none of these, and the estimate of the scale.

A window's features are the mean and the standard deviation of each of the encoder's channels over it. The encoder never
changes, so the features of every micrograph are computed once and a head trains on them in under a second. Fine-tuning
the encoder gained too little for its time: see docs/method/encoder.md.
"""

import math
from typing import cast

import torch
from torch import Tensor, nn

from classifier.config import Config
from classifier.pretrained.encoder import CHANNELS, Encoder
from classifier.pretrained.evidence import Evidence
from classifier.pretrained.features import moments
from classifier.pretrained.linear_classifier import LinearClassifier
from classifier.pretrained.ood_residual import OodResidual
from classifier.pretrained.scale_estimate import ScaleEstimate
from classifier.triplet.network import DescriptorNetwork, initialised

FEATURES = 2 * CHANNELS
SCALE_COPIES = 48
"""Copies of the scale beside 1344 features, so that it has weight."""
FIRST_WEIGHTS = 0.1
"""Size of a head's first weights, relative to He initialisation. A larger random part is never unlearned: with 1.0 and
0.1 grouped folds recognised 73 and 78 %."""
ENCODED_AT_ONCE = 8
"""Crops through the encoder at once on a processor, to bound the memory."""


class Head(DescriptorNetwork):
    """A linear map from features and scale to descriptors. Anything larger memorised a hundred micrographs."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(FEATURES + SCALE_COPIES))
        self.register_buffer("deviation", torch.ones(FEATURES + SCALE_COPIES))
        self.out = nn.Linear(FEATURES + SCALE_COPIES, config.triplets.descriptor_dimensions, bias=False)

    @torch.no_grad()
    def start(self, features: Tensor, log2_scale: Tensor, generator: torch.Generator) -> None:
        """Fit the standardisation to these inputs and draw the first weights."""
        inputs = _with_scale(features, log2_scale)
        self.mean.copy_(inputs.mean(0))
        self.deviation.copy_(inputs.std(0, correction=0) + 1e-3)
        weight = self.out.weight
        deviation = FIRST_WEIGHTS * math.sqrt(2 / weight.shape[1])
        weight.copy_(torch.randn(weight.shape, generator=generator) * deviation)

    def penultimate(self, features: Tensor, log2_scale: Tensor) -> Tensor:
        """Standardised features and scale, (n, 1392), divided by the square root of their number."""
        inputs = _with_scale(features, log2_scale)
        return (inputs - self.mean) / (self.deviation * math.sqrt(inputs.shape[1]))


def _with_scale(features: Tensor, log2_scale: Tensor) -> Tensor:
    return torch.cat((features, log2_scale[:, None].expand(-1, SCALE_COPIES)), 1)


class PretrainedNetwork(nn.Module):
    """The encoder, `PretrainedConfig.ensemble_size` heads, and for k classes the evidence of none of these, the scale
    estimate and the linear classifier.

    `smallest_side` is the shorter side, in pixels, of the smallest micrograph trained on. Without a number of classes
    the network has the OOD residual of format version 2 instead of all that follows the heads.
    """

    smallest_side: Tensor

    def __init__(self, config: Config, classes: int | None) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.heads = nn.ModuleList(Head(config) for _ in range(config.pretrained.ensemble_size))
        self.ood_residual = OodResidual(FEATURES) if classes is None else None
        self.evidence = None if classes is None else Evidence(FEATURES, classes)
        self.scale_estimate = None if classes is None else ScaleEstimate(FEATURES)
        self.linear = None if classes is None else LinearClassifier(FEATURES + SCALE_COPIES, classes)
        if classes is not None:
            self.register_buffer("smallest_side", torch.zeros(()))

    def forward(self, crops: Tensor, log2_scale: Tensor) -> Tensor:
        """Descriptors and further columns (n, members * d + 2 + k) of crops (n, 1, s, s)."""
        return self.describe(self.features(crops), log2_scale)

    def features(self, crops: Tensor) -> Tensor:
        """Features (n, 1344) of crops, each encoded by itself."""
        at_once = ENCODED_AT_ONCE if crops.device.type == "cpu" else len(crops)
        return torch.cat([moments(self.encoder(part)) for part in crops.split(at_once)])

    def describe(self, features: Tensor, log2_scale: Tensor) -> Tensor:
        """Of features: descriptors, evidence, the estimated less the given log2 scale, and the linear classifier's
        logits, (n, members * d + 2 + k)."""
        columns = [head(features, log2_scale) for head in self.heads]
        if self.evidence is not None and self.scale_estimate is not None and self.linear is not None:
            columns.append(self.evidence(features, log2_scale)[:, None])
            columns.append((self.scale_estimate(features) - log2_scale)[:, None])
            columns.append(self.linear(cast(Head, self.heads[0]).penultimate(features, log2_scale)))
        elif self.ood_residual is not None:
            columns.append(self.ood_residual(features)[:, None])
        return torch.cat(columns, 1)


def build_network(
    config: Config, classes: int | None, device: torch.device, generator: torch.Generator | None = None
) -> PretrainedNetwork:
    """The network on `device` with ImageNet weights, heads drawn from `generator`; without one all weights are zero.

    Raises ClassifierError if `PretrainedConfig.weights` names a file that cannot be read or does not fit.
    """
    network = initialised(lambda: PretrainedNetwork(config, classes), device, generator)
    if generator is not None:
        network.encoder.load_weights(config.pretrained.weights)
    return network
