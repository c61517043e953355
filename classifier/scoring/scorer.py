"""A trained network and its rule: from a micrograph to the average over its crops."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from classifier.arrays import Floats
from classifier.config import Config
from classifier.crops.augmentation import scoring_crops
from classifier.crops.plan import Plan, log2_scale
from classifier.crops.pyramid import Pyramid
from classifier.progress import Reporter
from classifier.scoring.averaging import Average, average_crops
from classifier.scoring.descriptor_map import TrainingCrops
from classifier.scoring.rules import Rule
from classifier.scoring.saliency import SaliencyMap, average_saliency

CROPS_AT_ONCE = {"cpu": 64, "cuda": 1024}
"""Crops through the network at once, to bound the memory."""


def describe(network: nn.Module, pyramids: Sequence[Pyramid], plan: Plan, config: Config) -> Floats:
    """The descriptors of the windows of a plan, (n, d)."""
    device = pyramids[0].levels[0].device
    size = CROPS_AT_ONCE.get(device.type, CROPS_AT_ONCE["cpu"])
    parts = []
    with torch.inference_mode():
        for start in range(0, len(plan), size):
            part = plan.part(start, start + size)
            crops = scoring_crops(pyramids, part, config)
            parts.append(network(crops, log2_scale(pyramids, part, config).to(device)).cpu())
    return torch.cat(parts).numpy().astype(np.float64)


@dataclass(frozen=True)
class Scorer(ABC):
    """A trained network, called with crops (n, 1, s, s) and log2 scales (n,), and the rule on its descriptors."""

    config: Config
    network: nn.Module
    rule: Rule

    def predict(self, pyramid: Pyramid, plan: Plan) -> tuple[Floats, Floats]:
        """Probabilities (n, k + 1), the last none of these, and descriptors (n, d) of the windows of a plan."""
        descriptors = describe(self.network, [pyramid], plan, self.config)
        return self.rule.crops(descriptors), descriptors

    def average(
        self,
        pyramid: Pyramid,
        generator: torch.Generator,
        report: Reporter,
        *,
        crops: int | None = None,
        exact: bool = False,
        lattice: bool = False,
    ) -> Average:
        """The average over `crops` random crops, over all of them if `exact`, else the recipe's fast average.

        `lattice` adds windows that cover the micrograph evenly, for a saliency map.
        """
        if crops is None and not exact:
            return self.fast_average(pyramid, generator, report, lattice)
        limit = crops or self.config.scoring.crops_per_image
        average = self.random_average(pyramid, generator, limit, report, stop_early=False)
        return self.with_lattice(average, pyramid) if lattice else average

    @abstractmethod
    def fast_average(self, pyramid: Pyramid, generator: torch.Generator, report: Reporter, lattice: bool) -> Average:
        """The fastest average whose label agrees with the exact one."""

    def fast_averages(
        self, pyramids: Sequence[Pyramid], generators: Sequence[torch.Generator], report: Reporter, lattice: bool
    ) -> list[Average]:
        """The fast average of several micrographs; a recipe may encode them together."""
        pairs = zip(pyramids, generators, strict=True)
        return [self.fast_average(pyramid, generator, report, lattice) for pyramid, generator in pairs]

    def descriptor(self, average: Average) -> Floats:
        """Where the micrograph of this average stands among others, (d,): near those that look alike."""
        if average.descriptor is not None:
            return average.descriptor
        mean: Floats = average.descriptors[:, : self.rule.ensemble.width].mean(0)
        return mean

    def describe(self, pyramids: Sequence[Pyramid]) -> list[Floats]:
        """The `descriptor` of each micrograph's fast average."""
        generators = [torch.Generator().manual_seed(0) for _ in pyramids]
        return [self.descriptor(one) for one in self.fast_averages(pyramids, generators, Reporter(None), False)]

    @abstractmethod
    def lattice_average(self, pyramid: Pyramid) -> Average:
        """The average over windows that cover the micrograph evenly."""

    def random_average(
        self, pyramid: Pyramid, generator: torch.Generator, limit: int, report: Reporter, *, stop_early: bool
    ) -> Average:
        """The average over up to `limit` random crops."""

        def predict(plan: Plan) -> tuple[Floats, Floats]:
            return self.predict(pyramid, plan)

        return average_crops(predict, pyramid, self.config, generator, limit, stop_early, report)

    def with_lattice(self, average: Average, pyramid: Pyramid) -> Average:
        """The average together with the lattice's."""
        return replace(average, lattice=self.lattice_average(pyramid))

    def saliency(self, average: Average, pyramid: Pyramid) -> SaliencyMap | None:
        """The map of an average with a lattice; None without one."""
        return average_saliency(average, pyramid)


@dataclass(frozen=True)
class Trained:
    """A scorer with training crops, and the metrics on held-out specimens.

    `out_of_fold`: by the index of a training micrograph, its probabilities (k + 1,) from a fit without its specimen.
    `margins`: see `Classifier.margins_`.
    """

    scorer: Scorer
    crops: TrainingCrops
    metrics: dict[str, Any]
    out_of_fold: dict[int, Floats] = field(default_factory=dict)
    margins: dict[str, dict[int, float]] = field(default_factory=dict)
