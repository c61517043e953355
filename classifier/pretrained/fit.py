"""Fitting the recipe "pretrained": encode every micrograph once, fit a head without each fold, then the ensemble."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import torch

from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.pretrained.fold_heads import fold_evidence, fold_metrics
from classifier.pretrained.heads import FittedHead, HeadFitter
from classifier.pretrained.network import Head, build_network
from classifier.pretrained.rejection import Limits, choose_temperature_and_limits
from classifier.pretrained.scorer import PretrainedScorer
from classifier.pretrained.sizing import sized_for
from classifier.pretrained.window_bank import build_window_bank
from classifier.progress import Reporter
from classifier.quality.folds import hold_out_folds
from classifier.scoring.ensemble import MixtureEnsemble
from classifier.scoring.scorer import Trained


def fit(images: TrainingImages, config: Config, seed: int, report: Reporter) -> Trained:
    """Fit the ensemble, and measure it by fold heads. It takes seconds once the micrographs are encoded."""
    generator = torch.Generator().manual_seed(seed)
    sized = sized_for(config, len(images.labels), len(images.classes))
    config = config.changed(triplets={"descriptor_dimensions": sized.triplets.descriptor_dimensions})
    network = build_network(config, images.device, generator)
    bank = build_window_bank(network, images, config, generator, report.part(0, 0.8))
    images = images.with_copies_grouped(bank.digests)
    fitter = HeadFitter(bank, images, sized, generator)
    folds = hold_out_folds(images, config.pretrained.folds, seed)
    held_out = fold_evidence(fitter, network, folds, report.part(0.8, 0.9))
    everything = np.arange(len(images.labels))
    parts = report.part(0.9, 1).equal_parts(config.pretrained.ensemble_size)
    heads = [
        fitter.fit(cast(Head, head), network.ood_residual, everything, part)  # a ModuleList is not generic
        for head, part in zip(network.heads, parts, strict=True)
    ]
    never_out = np.setdiff1d(everything, [one.image for one in held_out])
    trained_on = [fitter.evidence(head, int(image)) for head in heads for image in never_out]
    temperature, limits = choose_temperature_and_limits(images, held_out, trained_on, config)
    probabilities = [one.probabilities(limits, temperature) for one in held_out]
    metrics: dict[str, Any] = {"held_out": None}
    if held_out:
        metrics = fold_metrics(images, folds, held_out, np.stack(probabilities))
    rows = bank.rows(everything)
    return Trained(
        scorer=PretrainedScorer(config, network, _ensemble(heads, limits, temperature)),
        descriptors=fitter.describe(heads[0].head, rows),
        labels=images.labels[bank.image[rows]],
        metrics=metrics,
        out_of_fold={one.image: mean for one, mean in zip(held_out, probabilities, strict=True)},
    )


def _ensemble(heads: Sequence[FittedHead], limits: Limits, temperature: float) -> MixtureEnsemble:
    """The mixtures with these limits; the OOD residual is common to all heads."""
    members = [
        replace(head.mixture.with_standardised_threshold(limits.likelihood), temperature=temperature) for head in heads
    ]
    ood_threshold = heads[0].ood_location - limits.familiarity * heads[0].ood_dispersion
    return MixtureEnsemble(tuple(members), ood_threshold)
