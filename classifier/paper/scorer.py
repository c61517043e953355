"""Scoring of the recipe "paper": random crops, averaged until the label is settled."""

import torch

from classifier.crops.plan import lattice_plan
from classifier.crops.pyramid import Pyramid
from classifier.progress import Reporter
from classifier.scoring.averaging import Average
from classifier.scoring.scorer import Scorer


class PaperScorer(Scorer):
    """A trained paper network with its mixture."""

    def fast_average(self, pyramid: Pyramid, generator: torch.Generator, report: Reporter, lattice: bool) -> Average:
        limit = self.config.scoring.crops_per_image
        average = self.random_average(pyramid, generator, limit, report, stop_early=True)
        return self.with_lattice(average, pyramid) if lattice else average

    def lattice_average(self, pyramid: Pyramid) -> Average:
        plan = lattice_plan(pyramid, self.config)
        return Average((plan,), *self.predict(pyramid, plan))
