"""Network and mixture together: from the windows of a plan to class probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from classifier.averaging import Average, average_crops
from classifier.config import Config
from classifier.crops import Plan, Pyramid, cut, log2_scale
from classifier.mixture import Floats, Mixture
from classifier.network import DescriptorNetwork
from classifier.train import Reporter, autocast

CHUNK = {"cpu": 64, "cuda": 1024}
"""Crops through the network at once, to bound the memory."""


def describe(network: DescriptorNetwork, pyramids: Sequence[Pyramid], plan: Plan, config: Config) -> Floats:
    """The descriptors of the windows of a plan, (n, d)."""
    device = pyramids[0].levels[0].device
    size = CHUNK.get(device.type, CHUNK["cpu"])
    parts = []
    with torch.inference_mode(), autocast(device):
        for start in range(0, len(plan), size):
            part = plan.part(start, start + size)
            crops = cut(pyramids, part, config.crop_size)
            parts.append(network(crops, log2_scale(pyramids, part, config).to(device)).float().cpu())
    return torch.cat(parts).numpy().astype(np.float64)


@dataclass(frozen=True)
class Recogniser:
    """A trained network with its mixture."""

    config: Config
    network: DescriptorNetwork
    mixture: Mixture

    def predict(self, pyramid: Pyramid, plan: Plan) -> tuple[Floats, Floats]:
        """Crop probabilities (n, k + 1), the last none of these, and descriptors (n, d)."""
        descriptors = describe(self.network, [pyramid], plan, self.config)
        return self.mixture.crop_probabilities(descriptors), descriptors

    def average(
        self, pyramid: Pyramid, generator: torch.Generator, limit: int, stop_early: bool, report: Reporter
    ) -> Average:
        """The average over an image's random crops."""
        return average_crops(
            lambda plan: self.predict(pyramid, plan), pyramid, self.config, generator, limit, stop_early, report
        )
