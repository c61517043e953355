"""The Gaussian mixture over the descriptors of random crops."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from classifier.arrays import Floats
from classifier.config import Config
from classifier.crops.images import InMemory
from classifier.crops.plan import random_plan
from classifier.progress import Reporter
from classifier.scoring.scorer import describe
from classifier.triplet.mixture import Mixture
from classifier.triplet.sampler import BalancedSampler

CROPS_PER_CLASS = 16
"""Crops of each class that are described at once."""


@dataclass(frozen=True)
class FittedMixture:
    """The mixture with the descriptors (n, d), labels (n,) and micrographs (n,) of the crops that it was fitted to."""

    mixture: Mixture
    descriptors: Floats
    labels: NDArray[np.int64]
    owners: NDArray[np.int64]


def fit_mixture(
    network: nn.Module, images: InMemory, config: Config, generator: torch.Generator, report: Reporter
) -> FittedMixture:
    """Fit to random crops, as many of each class; a component weighs as much as its class has micrographs."""
    rounds = max(1, config.paper.mixture_crops // (CROPS_PER_CLASS * len(images.classes)))
    sampler = BalancedSampler(images.labels.tolist(), images.specimens)
    descriptors, labels, owners = [], [], []
    for index in range(rounds):
        report("fitting the mixture", index / rounds, f"round {index + 1} of {rounds}")
        chosen, drawn = sampler.draw(len(images.classes), CROPS_PER_CLASS, generator)
        plan = random_plan(images.pyramids, chosen, config, generator)
        descriptors.append(describe(network, images.pyramids, plan, config))
        labels.append(drawn.numpy())
        owners.append(chosen)
    x, y = np.concatenate(descriptors), np.concatenate(labels)
    counts = np.bincount(images.labels, minlength=len(images.classes)).tolist()
    return FittedMixture(Mixture.fit(x, y, counts, config.mixture.shrinkage), x, y, np.concatenate(owners))


def describe_each(
    network: nn.Module, images: InMemory, crops: int, config: Config, generator: torch.Generator, report: Reporter
) -> list[Floats]:
    """Descriptors (crops, d) of random crops of each micrograph."""
    found = []
    for index, pyramid in enumerate(images.pyramids):
        report("checking on held-out specimens", index / len(images.pyramids), f"micrograph {index + 1}")
        plan = random_plan([pyramid], np.zeros(crops, np.int64), config, generator)
        found.append(describe(network, [pyramid], plan, config))
    return found
