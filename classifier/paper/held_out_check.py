"""Training without some specimens, which then measure the accuracy and set the threshold of none of these."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from classifier.crops.images import InMemory
from classifier.paper.crop_mixture import describe_each, fit_mixture
from classifier.paper.early_stop import EarlyStop
from classifier.paper.resumable import ResumableTraining
from classifier.progress import Reporter
from classifier.quality.controls import scale_only_predictions
from classifier.quality.held_out import held_out_metrics
from classifier.scoring.descriptor_map import sketch
from classifier.triplet.threshold import choose_threshold

VALIDATION_CROPS, VALIDATION_CROPS_EACH = 200, 8
"""Crops that a validation round fits the mixture to, and crops of each held-out micrograph."""
SMOOTHING = 0.01
"""Added to each probability, so that one sure mistake does not dominate the mean log-probability."""


@dataclass(frozen=True)
class HeldOutCheck:
    """The standardised threshold, the share of the steps taken before an early stop, the metrics, the probabilities
    (k + 1,) of each held-out micrograph, and its mean negative standardised log-likelihood, sorted; JSON-able."""

    standardised_threshold: float
    unlikely: list[float]
    share_of_steps: float
    metrics: dict[str, Any]
    probabilities: list[list[float]]


def train_and_check(
    training: ResumableTraining, inside: InMemory, outside: InMemory, steps: int, seed: int, report: Reporter
) -> HeldOutCheck:
    """Train on `inside` for at most `steps`, then choose the threshold on `outside` and measure."""
    config = training.config

    def validate(network: nn.Module, report: Reporter) -> float:
        """Mean log-probability of the right class, on the same crops in every round."""
        generator = torch.Generator().manual_seed(seed)
        few = config.changed(paper={"mixture_crops": VALIDATION_CROPS})
        fitted = fit_mixture(network, inside, few, generator, report)
        descriptors = describe_each(network, outside, VALIDATION_CROPS_EACH, config, generator, report)
        posteriors = [fitted.mixture.posterior(x) for x in descriptors]
        named = np.array([x.mean(0).argmax() for x in posteriors])
        facts = {
            "held_out": len(named),
            "right": int((named == outside.labels).sum()),
            "map": sketch(fitted.descriptors, fitted.labels, inside.classes),
        }
        report("checking on held-out specimens", 1.0, f"micrograph {len(named)}", facts=facts)
        right = [x[:, label] for x, label in zip(posteriors, outside.labels, strict=True)]
        return float(np.log(np.concatenate(right) + SMOOTHING).mean())

    early_stop = EarlyStop(validate, steps, config.paper.validation_rounds, config.paper.patience)
    taken = training.train(inside, steps, report.part(0, 0.9), early_stop)
    network, generator = training.network, training.generator
    mixture = fit_mixture(network, inside, config, generator, report.part(0.9, 0.94)).mixture
    crops = config.scoring.round_crops
    descriptors = describe_each(network, outside, crops, config, generator, report.part(0.94, 1))
    likelihoods = [mixture.log_likelihood(x) for x in descriptors]
    posteriors = [mixture.posterior(x) for x in descriptors]
    threshold = choose_threshold(likelihoods, posteriors, config.mixture.false_rejection)
    mixture = replace(mixture, threshold=threshold)
    means = np.stack([mixture.crop_probabilities(x).mean(0) for x in descriptors])
    by_scale = scale_only_predictions(inside.names, inside.scales, outside.scales)
    metrics = held_out_metrics(inside.classes, outside.names, means, by_scale)
    unlikely = sorted(-float(mixture.standardised(likelihood).mean()) for likelihood in likelihoods)
    return HeldOutCheck(mixture.standardised_threshold(), unlikely, taken / steps, metrics, means.tolist())
