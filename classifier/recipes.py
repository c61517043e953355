"""The recipes. This is the only place that knows which recipe a configuration names."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.paper.network import build_network as build_paper_network
from classifier.paper.scorer import PaperScorer
from classifier.pretrained.network import build_network as build_pretrained_network
from classifier.pretrained.scorer import PretrainedScorer
from classifier.progress import Reporter
from classifier.scoring.rules import EvidenceRule, Rule
from classifier.scoring.scorer import Scorer, Trained

CPU = torch.device("cpu")


class Recipe(ABC):
    """How descriptors are learned: the network, its fit, and its scorer with the fast pass.

    `fit` imports late: scikit-learn takes as long to import as torch, and scoring does not need it.
    """

    @abstractmethod
    def fit(
        self, images: TrainingImages, config: Config, seed: int, report: Reporter, checkpoint: Path | None
    ) -> Trained:
        """Train. A long training keeps its state in the folder `checkpoint`, if one is given."""

    @abstractmethod
    def scorer(self, config: Config, weights: Mapping[str, Tensor], rule: Rule, device: torch.device) -> Scorer:
        """The scorer of a trained network with these weights. Raises RuntimeError if they do not fit."""


class Paper(Recipe):
    """The whole network learns from the dataset alone."""

    def fit(
        self, images: TrainingImages, config: Config, seed: int, report: Reporter, checkpoint: Path | None
    ) -> Trained:
        from classifier.paper.fit import fit

        return fit(images, config, seed, report, checkpoint)

    def scorer(self, config: Config, weights: Mapping[str, Tensor], rule: Rule, device: torch.device) -> Scorer:
        network = build_paper_network(config, CPU)
        network.load_state_dict(weights)
        return PaperScorer(config, network.eval().to(device), rule)


class Pretrained(Recipe):
    """A frozen encoder under small heads."""

    def fit(
        self, images: TrainingImages, config: Config, seed: int, report: Reporter, checkpoint: Path | None
    ) -> Trained:
        from classifier.pretrained.fit import fit

        return fit(images, config, seed, report)

    def scorer(self, config: Config, weights: Mapping[str, Tensor], rule: Rule, device: torch.device) -> Scorer:
        classes = len(rule.ensemble.members[0].means) if isinstance(rule, EvidenceRule) else None
        network = build_pretrained_network(config, classes, CPU)
        network.load_state_dict(weights)
        return PretrainedScorer(config, network.eval().to(device), rule)


RECIPES: dict[str, Recipe] = {"paper": Paper(), "pretrained": Pretrained()}
