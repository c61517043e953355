"""Scoring of the recipe "pretrained": windows that share one pass of the encoder, random crops in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from classifier.crops.pyramid import Pyramid
from classifier.pretrained.network import PretrainedNetwork
from classifier.pretrained.windows import FINE_SIDES, SIDES, encode_windows
from classifier.progress import Reporter
from classifier.scoring.averaging import Average
from classifier.scoring.scorer import Scorer


@dataclass(frozen=True)
class PretrainedScorer(Scorer):
    """A trained ensemble of heads with its mixtures."""

    network: PretrainedNetwork

    def fast_average(self, pyramid: Pyramid, generator: torch.Generator, report: Reporter, lattice: bool) -> Average:
        """The windows' average if it is decisive, else that of a few random crops."""
        report("scoring", 0.2, "encoding all windows")
        windows, *fine = self._windows(pyramid, (SIDES, FINE_SIDES) if lattice else (SIDES,))
        average = windows
        if windows.lead < self.config.pretrained.decisive_lead:
            limit = min(self.config.scoring.crops_per_image, self.config.pretrained.doubtful_crops)
            average = self.random_average(pyramid, generator, limit, report, stop_early=True)
        return replace(average, lattice=fine[0]) if lattice else average

    def lattice_average(self, pyramid: Pyramid) -> Average:
        return self._windows(pyramid, (FINE_SIDES,))[0]

    def _windows(self, pyramid: Pyramid, sets: Sequence[tuple[float, ...]]) -> list[Average]:
        """For each set of sides the average over its windows, from one pass of the encoder."""
        averages = []
        with torch.inference_mode():
            for windows in encode_windows(self.network.encoder, pyramid, self.config, sets):
                described = self.network.describe(windows.features, windows.log2_scale)
                descriptors = described.cpu().numpy().astype(np.float64)
                probabilities = self.ensemble.crop_probabilities(descriptors)
                averages.append(Average((windows.plan,), probabilities, descriptors))
        return averages
