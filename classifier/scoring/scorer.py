"""Network and mixtures together: from the windows of a plan to class probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from classifier.arrays import Floats
from classifier.config import Config
from classifier.crops.augmentation import scoring_crops
from classifier.crops.plan import Plan, lattice_plan, log2_scale
from classifier.crops.pyramid import Pyramid
from classifier.pretrained.network import PretrainedNetwork
from classifier.pretrained.windows import FINE_SIDES, SIDES, encode_windows
from classifier.progress import Reporter
from classifier.recipes import Network
from classifier.scoring.averaging import Average, average_crops
from classifier.scoring.ensemble import MixtureEnsemble

CHUNK = {"cpu": 64, "cuda": 1024}
"""Crops through the network at once, to bound the memory."""


def describe(network: Network, pyramids: Sequence[Pyramid], plan: Plan, config: Config) -> Floats:
    """The descriptors of the windows of a plan, (n, d)."""
    device = pyramids[0].levels[0].device
    size = CHUNK.get(device.type, CHUNK["cpu"])
    parts = []
    with torch.inference_mode():
        for start in range(0, len(plan), size):
            part = plan.part(start, start + size)
            crops = scoring_crops(pyramids, part, config)
            parts.append(network(crops, log2_scale(pyramids, part, config).to(device)).cpu())
    return torch.cat(parts).numpy().astype(np.float64)


@dataclass(frozen=True)
class Scorer:
    """A trained network with its mixtures."""

    config: Config
    network: Network
    ensemble: MixtureEnsemble

    def predict(self, pyramid: Pyramid, plan: Plan) -> tuple[Floats, Floats]:
        """Crop probabilities (n, k + 1), the last none of these, and descriptors (n, members * d [+ 1])."""
        descriptors = describe(self.network, [pyramid], plan, self.config)
        return self.ensemble.crop_probabilities(descriptors), descriptors

    def average(
        self,
        pyramid: Pyramid,
        generator: torch.Generator,
        crops: int | None,
        exact: bool,
        report: Reporter,
        lattice: bool = False,
    ) -> Average:
        """The average that names an image: over so many random crops, over all of them where `exact`, and otherwise the
        fast way: windows that share a encode_windows, and random crops only where those leave the label in doubt or, for
        "paper", until it is settled. With the lattice for a saliency map, where it is wanted.
        """
        limit, stop_early = crops or self.config.scoring.crops_per_image, not exact and crops is None
        even: Average | None = None
        if isinstance(self.network, PretrainedNetwork) and stop_early:
            report("scoring", 0.2, "looking at all windows")
            windows, *fine = self._windows(self.network, pyramid, (SIDES, FINE_SIDES) if lattice else (SIDES,))
            even = fine[0] if lattice else None
            if windows.lead >= self.config.pretrained.decisive_lead:
                return replace(windows, lattice=even)
            limit = min(limit, self.config.pretrained.doubtful_crops)
        elif lattice:
            even = self._lattice(pyramid)
        found = average_crops(
            lambda plan: self.predict(pyramid, plan), pyramid, self.config, generator, limit, stop_early, report
        )
        return replace(found, lattice=even)

    def _lattice(self, pyramid: Pyramid) -> Average:
        if isinstance(self.network, PretrainedNetwork):
            return self._windows(self.network, pyramid, (FINE_SIDES,))[0]
        plan = lattice_plan(pyramid, self.config)
        return Average((plan,), *self.predict(pyramid, plan))

    def _windows(
        self, network: PretrainedNetwork, pyramid: Pyramid, sets: Sequence[tuple[float, ...]]
    ) -> list[Average]:
        """One encode_windows; for every set of sides the average over its windows."""
        found = []
        with torch.inference_mode():
            for windows in encode_windows(network.encoder, pyramid, self.config, sets):
                seen = network.describe(windows.features, windows.log2_scale).cpu().numpy().astype(np.float64)
                found.append(Average((windows.plan,), self.ensemble.crop_probabilities(seen), seen))
        return found


@dataclass(frozen=True)
class Trained:
    """A scorer with the descriptors (n, d) and labels (n,) of training crops, and what held-out specimens say.

    `out_of_fold`: probabilities (k + 1,) of a training micrograph, by its index, from one that never saw its specimen.
    """

    scorer: Scorer
    descriptors: Floats
    labels: NDArray[np.int64]
    metrics: dict[str, Any]
    out_of_fold: dict[int, Floats] = field(default_factory=dict)
