"""From samples to a trained recogniser, with an honest number on the way.

Fitting runs in two parts. First the network learns without some specimens, which then measure its accuracy and set the
threshold of none of these. Then it goes on with every image, so that nothing is wasted; the threshold moves along in
units of the likelihoods' spread. The accuracy is thus that of the network before it saw the held-out specimens; the
threshold was chosen on them, which flatters the share called none of these (it is `Config.false_rejection` by design).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from classifier.config import Config
from classifier.crops import Pyramid, build_pyramid, log2_scale, random_plan
from classifier.descriptor_map import MapPoints
from classifier.measures import calibration, hold_out, majority, scale_lookup, summary
from classifier.mixture import Floats, Mixture, choose_threshold
from classifier.network import DescriptorNetwork
from classifier.pretrained import Bank, build_bank
from classifier.recipes import build_network
from classifier.recogniser import Recogniser, describe
from classifier.samples import NONE_OF_THESE, Sample, checked_scale, gray_values, specimens, training_set
from classifier.train import Batch, Reporter, draw_crops, train_network
from classifier.triplets import BalancedSampler


@dataclass(frozen=True)
class Fitted:
    """What a fit leaves behind."""

    recogniser: Recogniser
    classes: tuple[str, ...]
    scale_range: tuple[float, float]
    metrics: dict[str, Any]
    points: MapPoints


@dataclass(frozen=True)
class _Images:
    """The training micrographs, ready to cut; `labels` index `classes`."""

    pyramids: list[Pyramid]
    labels: NDArray[np.int64]
    specimens: list[str]
    classes: tuple[str, ...]
    bank: Bank | None = None

    def names(self) -> list[str]:
        return [self.classes[label] for label in self.labels]

    def part(self, chosen: NDArray[np.bool_]) -> "_Images":
        index = np.flatnonzero(chosen)
        return replace(
            self,
            pyramids=[self.pyramids[i] for i in index],
            labels=self.labels[index],
            specimens=[self.specimens[i] for i in index],
            bank=self.bank and self.bank.part(index),
        )


def fit(samples: Sequence[Sample], config: Config, seed: int, device: torch.device, report: Reporter) -> Fitted:
    """Train on the samples that have a class. See Classifier.fit."""
    kept = training_set(samples)
    images = _read(kept, config, device, report.part(0, 0.04))
    generator = torch.Generator().manual_seed(seed)
    network = _new_network(images, config, device, generator)
    start = 0.04
    if config.recipe == "pretrained":
        start = 0.7
        bank = build_bank(network, images.pyramids, config, generator, report.part(0.04, start))
        images = replace(images, bank=bank)
    out = hold_out(images.names(), images.specimens, config.held_out, np.random.default_rng(seed))
    metrics: dict[str, Any] = {"held_out": None}
    spreads: float | None = None
    done, border = 0, start
    if out.any():
        done = round(config.check_share * config.steps)
        border = start + (0.95 - start) * config.check_share
        training, checking = report.part(start, border - 0.06), report.part(border - 0.06, border)
        _train(network, images.part(~out), config, done, generator, training)
        checked, metrics = _check(network, images, out, config, generator, checking)
        spreads = checked.threshold_in_spreads()
    _train(network, images, config, config.steps - done, generator, report.part(border, 0.95))
    mixture, descriptors, labels = _fit_mixture(network, images, config, generator, report.part(0.95, 1))
    likelihood = mixture.log_likelihood(descriptors)
    mixture = replace(mixture, threshold=float(np.quantile(likelihood, config.training_rejection)))
    if spreads is not None:
        moved = mixture.with_threshold_in_spreads(spreads)
        mixture = replace(mixture, threshold=min(mixture.threshold, moved.threshold))
    metrics |= {
        "counts": dict(Counter(images.names())),
        "left_out": len(samples) - len(kept),
        "threshold": mixture.threshold,
        "training_crops_under_threshold": float((likelihood < mixture.threshold).mean()),
    }
    scales = [pyramid.pixels_per_micrometre for pyramid in images.pyramids]
    points = MapPoints.of(descriptors, labels)
    return Fitted(Recogniser(config, network, mixture), images.classes, (min(scales), max(scales)), metrics, points)


def prepare(sample: Sample, config: Config, device: torch.device) -> Pyramid:
    """The checked sample's pyramid. Raises ClassifierError for an image or scale that cannot be used."""
    scale = 1.0 if config.scale_free else checked_scale(sample.pixels_per_micrometre, sample.name)
    return build_pyramid(gray_values(sample.image, sample.name), scale, config, device)


def _read(samples: Sequence[Sample], config: Config, device: torch.device, report: Reporter) -> _Images:
    names = [str(sample.label) for sample in samples]
    classes = tuple(sorted(set(names)))
    pyramids = []
    for index, sample in enumerate(samples):
        report("reading", index / len(samples), f"micrograph {index + 1} of {len(samples)}")
        pyramids.append(prepare(sample, config, device))
    return _Images(pyramids, np.array([classes.index(name) for name in names]), specimens(samples), classes)


def _new_network(
    images: _Images, config: Config, device: torch.device, generator: torch.Generator
) -> DescriptorNetwork:
    """A fresh network that knows the mean and spread of the crops' log2 scale."""
    network = build_network(config, device, generator)
    plan = random_plan(images.pyramids, np.arange(len(images.pyramids)), config, generator)
    scale = log2_scale(images.pyramids, plan, config)
    network.scale_mean.fill_(float(scale.mean()))
    network.scale_spread.fill_(max(0.5, float(scale.std())))
    return network


def _train(
    network: DescriptorNetwork,
    images: _Images,
    config: Config,
    steps: int,
    generator: torch.Generator,
    report: Reporter,
) -> None:
    sampler = BalancedSampler(images.labels.tolist(), images.specimens)

    def draw(done: float) -> Batch:
        if images.bank:
            return images.bank.draw(sampler, config, generator)
        return draw_crops(images.pyramids, sampler, config, generator, done)

    train_network(network, draw, config, steps, report)


def _fit_mixture(
    network: DescriptorNetwork, images: _Images, config: Config, generator: torch.Generator, report: Reporter
) -> tuple[Mixture, Floats, NDArray[np.int64]]:
    """The mixture over random crops, as many of each class, with their descriptors and labels."""
    counts = np.bincount(images.labels, minlength=len(images.classes)).tolist()
    if images.bank:
        x = images.bank.describe(network, np.arange(len(images.labels)))
        y = images.labels.repeat(images.bank.plain)
        return Mixture.fit(x, y, counts, config.shrinkage), x, y
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
    return Mixture.fit(x, y, counts, config.shrinkage), x, y


def _check(
    network: DescriptorNetwork,
    images: _Images,
    out: NDArray[np.bool_],
    config: Config,
    generator: torch.Generator,
    report: Reporter,
) -> tuple[Mixture, dict[str, Any]]:
    """The mixture with a threshold chosen on the held-out specimens, and what they say about the network."""
    mixture, _, _ = _fit_mixture(network, images.part(~out), config, generator, report.part(0, 0.4))
    held = images.part(out)
    count = config.round_crops
    descriptors = []
    for index, pyramid in enumerate(held.pyramids):
        report("checking on held-out specimens", 0.4 + 0.6 * index / len(held.pyramids), f"micrograph {index + 1}")
        if held.bank:
            descriptors.append(held.bank.describe(network, np.array([index])))
            continue
        plan = random_plan([pyramid], np.zeros(count, np.int64), config, generator)
        descriptors.append(describe(network, [pyramid], plan, config))
    likelihoods = [mixture.log_likelihood(x) for x in descriptors]
    posteriors = [mixture.posterior(x) for x in descriptors]
    mixture = replace(mixture, threshold=choose_threshold(likelihoods, posteriors, config.false_rejection))
    means = np.stack([mixture.crop_probabilities(x).mean(0) for x in descriptors])
    return mixture, _metrics(images, out, means)


def _metrics(images: _Images, out: NDArray[np.bool_], means: Floats) -> dict[str, Any]:
    """Accuracy on the held-out micrographs beside what the commonest class and the scale alone reach."""
    outcomes = [*images.classes, NONE_OF_THESE]
    inside, held = images.part(~out), images.part(out)
    actual, known = held.names(), inside.names()
    predicted = [outcomes[index] for index in means.argmax(1)]
    forced = [outcomes[index] for index in means[:, :-1].argmax(1)]
    scales = [[p.pixels_per_micrometre for p in part.pyramids] for part in (inside, held)]
    right = [truth == answer for truth, answer in zip(actual, predicted, strict=True)]
    controls = {"majority": majority(known, len(actual)), "scale_only": scale_lookup(known, *scales)}
    return {
        "held_out": len(actual),
        **summary(actual, predicted, images.classes),
        "accuracy_without_none_of_these": summary(actual, forced, images.classes)["accuracy"],
        **{name: summary(actual, answers, images.classes)["accuracy"] for name, answers in controls.items()},
        "calibration": calibration(means.max(1).tolist(), right),
    }
