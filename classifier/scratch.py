"""The recipe "scratch", the paper's: the whole network learns from random crops of this dataset alone.

Fitting runs in two parts. First the network learns without some specimens, which then measure its accuracy and set the
threshold of none of these. Then it goes on with every image, so that nothing is wasted; the threshold moves along in
units of the likelihoods' spread. The accuracy is thus that of the network before it saw the held-out specimens; the
threshold was chosen on them, which flatters the share called none of these (it is `Config.false_rejection` by design).
"""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from classifier.config import Config
from classifier.crops import log2_scale, random_plan
from classifier.held_out import held_out_metrics
from classifier.measures import hold_out, majority, scale_lookup
from classifier.mixture import Committee, Floats, Mixture, choose_threshold
from classifier.network import ScratchNetwork
from classifier.recipes import build_network
from classifier.recogniser import Recogniser, Trained, describe
from classifier.train import Batch, Reporter, draw_crops, train_network
from classifier.training_images import TrainingImages
from classifier.triplets import BalancedSampler


def fit_scratch(images: TrainingImages, config: Config, seed: int, report: Reporter) -> Trained:
    """Train the network, first without the held-out specimens, then with all."""
    generator = torch.Generator().manual_seed(seed)
    network = _new_network(images, config, generator)
    out = hold_out(images.names(), images.specimens, config.held_out, np.random.default_rng(seed))
    metrics: dict[str, Any] = {"held_out": None}
    out_of_fold: dict[int, Floats] = {}
    spreads: float | None = None
    done, border = 0, 0.0
    if out.any():
        done, border = round(config.check_share * config.steps), 0.95 * config.check_share
        inside, held = images.part(np.flatnonzero(~out)), images.part(np.flatnonzero(out))
        _train(network, inside, config, done, generator, report.part(0, border - 0.06))
        checking = report.part(border - 0.06, border)
        spreads, metrics, means = _check(network, inside, held, config, generator, checking)
        out_of_fold = dict(zip(np.flatnonzero(out).tolist(), means, strict=True))
    _train(network, images, config, config.steps - done, generator, report.part(border, 0.95))
    mixture, descriptors, labels = _fit_mixture(network, images, config, generator, report.part(0.95, 1))
    threshold = float(np.quantile(mixture.log_likelihood(descriptors), config.training_rejection))
    mixture = replace(mixture, threshold=threshold)
    if spreads is not None:
        moved = mixture.with_threshold_in_spreads(spreads)
        mixture = replace(mixture, threshold=min(mixture.threshold, moved.threshold))
    return Trained(Recogniser(config, network, Committee((mixture,))), descriptors, labels, metrics, out_of_fold)


def _new_network(images: TrainingImages, config: Config, generator: torch.Generator) -> ScratchNetwork:
    """A fresh network that knows the mean and spread of the crops' log2 scale."""
    network = build_network(config, images.pyramids[0].levels[0].device, generator)
    assert isinstance(network, ScratchNetwork)  # the recipe's
    plan = random_plan(images.pyramids, np.arange(len(images.pyramids)), config, generator)
    scale = log2_scale(images.pyramids, plan, config)
    network.scale_mean.fill_(float(scale.mean()))
    network.scale_spread.fill_(max(0.5, float(scale.std())))
    return network


def _train(
    network: ScratchNetwork,
    images: TrainingImages,
    config: Config,
    steps: int,
    generator: torch.Generator,
    report: Reporter,
) -> None:
    sampler = BalancedSampler(images.labels.tolist(), images.specimens)

    def draw(done: float) -> Batch:
        return draw_crops(images.pyramids, sampler, config, generator, done)

    train_network(network, draw, config, steps, report)


def _fit_mixture(
    network: ScratchNetwork, images: TrainingImages, config: Config, generator: torch.Generator, report: Reporter
) -> tuple[Mixture, Floats, NDArray[np.int64]]:
    """The mixture over random crops, as many of each class, with their descriptors and labels."""
    sampler = BalancedSampler(images.labels.tolist(), images.specimens)
    rounds = max(1, config.mixture_crops // (16 * len(images.classes)))
    descriptors, labels = [], []
    for index in range(rounds):
        report("fitting the mixture", index / rounds, f"crops {index + 1} of {rounds} rounds")
        chosen, drawn = sampler.draw(len(images.classes), 16, generator)
        plan = random_plan(images.pyramids, chosen, config, generator)
        descriptors.append(describe(network, images.pyramids, plan, config))
        labels.append(drawn.numpy())
    x, y = np.concatenate(descriptors), np.concatenate(labels)
    counts = np.bincount(images.labels, minlength=len(images.classes)).tolist()
    return Mixture.fit(x, y, counts, config.shrinkage), x, y


def _check(
    network: ScratchNetwork,
    inside: TrainingImages,
    held: TrainingImages,
    config: Config,
    generator: torch.Generator,
    report: Reporter,
) -> tuple[float, dict[str, Any], Floats]:
    """The threshold, in spreads, that the held-out specimens choose, what they say about the network, and what it says
    of each: probabilities (n, k + 1)."""
    mixture, _, _ = _fit_mixture(network, inside, config, generator, report.part(0, 0.4))
    descriptors = []
    for index, pyramid in enumerate(held.pyramids):
        report("checking on held-out specimens", 0.4 + 0.6 * index / len(held.pyramids), f"micrograph {index + 1}")
        plan = random_plan([pyramid], np.zeros(config.round_crops, np.int64), config, generator)
        descriptors.append(describe(network, [pyramid], plan, config))
    likelihoods = [mixture.log_likelihood(x) for x in descriptors]
    posteriors = [mixture.posterior(x) for x in descriptors]
    mixture = replace(mixture, threshold=choose_threshold(likelihoods, posteriors, config.false_rejection))
    means = np.stack([mixture.crop_probabilities(x).mean(0) for x in descriptors])
    known, actual = inside.names(), held.names()
    scale_only = scale_lookup(known, inside.scales(), held.scales())
    controls = {"majority": majority(known, len(actual)), "scale_only": scale_only}
    metrics = held_out_metrics(inside.classes, actual, means, controls)
    return mixture.threshold_in_spreads(), metrics, means
