"""Fitting the recipe "pretrained": encode every micrograph once, fit a head without each fold, then the ensemble."""

from typing import cast

import numpy as np
import torch

from classifier.arrays import Flags
from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.pretrained.background import encode_background
from classifier.pretrained.evidence import Evidence
from classifier.pretrained.evidence_fitter import EvidenceFitter
from classifier.pretrained.fold_heads import HeldOut, hold_out_each
from classifier.pretrained.heads import HeadFitter
from classifier.pretrained.measured_rule import MeasuredRule, choose_rule
from classifier.pretrained.network import Head, PretrainedNetwork, build_network
from classifier.pretrained.operating_point import measure
from classifier.pretrained.rejection import Rejection, choose_rejection
from classifier.pretrained.scorer import PretrainedScorer
from classifier.pretrained.sizing import sized_for
from classifier.pretrained.window_bank import build_window_bank
from classifier.progress import Reporter
from classifier.quality.folds import hold_out_folds
from classifier.scoring.descriptor_map import TrainingCrops
from classifier.scoring.scorer import Trained


def fit(images: TrainingImages, config: Config, seed: int, report: Reporter) -> Trained:
    """Fit the ensemble and the evidence of none of these, and measure both on folds. Encoding takes most time."""
    generator = torch.Generator().manual_seed(seed)
    sized = sized_for(config, len(images.labels), len(images.classes))
    config = config.changed(triplets={"descriptor_dimensions": sized.triplets.descriptor_dimensions})
    network = build_network(config, len(images.classes), images.device, generator)
    bank = build_window_bank(network, images, config, generator, report.part(0, 0.6))
    images = images.with_copies_grouped(bank.digests)
    background = encode_background(network.encoder, images, config, seed, report.part(0.6, 0.8))
    heads = HeadFitter(bank, images, sized, generator)
    evidence = EvidenceFitter(bank, background, images)
    folds = hold_out_folds(images, config.pretrained.folds, seed)
    held_out = hold_out_each(heads, evidence, network, folds, report.part(0.8, 0.9)) if folds else None
    everything = np.arange(len(images.labels))
    parts = report.part(0.9, 1).equal_parts(config.pretrained.ensemble_size)
    fitted = [
        heads.fit(cast(Head, head), everything, part)  # a ModuleList is not generic
        for head, part in zip(network.heads, parts, strict=True)
    ]
    network.smallest_side.fill_(bank.smallest_side)
    assert network.linear is not None  # built with classes
    assert network.evidence is not None
    heads.fit_linear(network.linear, fitted[0].head, everything)
    rejection = _fit_evidence(network, evidence, held_out, config)
    rule, posteriors = choose_rule(fitted, rejection, held_out, images)
    measured = None if held_out is None else measure(held_out, evidence, rejection)
    on_folds = MeasuredRule(images, folds, held_out, posteriors, rule)
    return Trained(
        scorer=PretrainedScorer(config, network, rule),
        crops=_training_crops(heads, fitted[0].head, evidence, network.evidence, rule.limit),
        metrics=on_folds.metrics(measured, rejection, config.mixture.false_rejection),
        out_of_fold=on_folds.out_of_fold(rejection),
        margins={} if measured is None else measured.margins(rule.limit),
    )


def _fit_evidence(
    network: PretrainedNetwork, fitter: EvidenceFitter, held_out: HeldOut | None, config: Config
) -> Rejection:
    """Fit the network's evidence and scale estimate to every micrograph, and set the limit."""
    assert network.evidence is not None  # built with classes
    assert network.scale_estimate is not None
    everything = np.arange(len(fitter.images.labels))
    fitter.fit(network.evidence, everything)
    fitter.fit_scale(network.scale_estimate, everything)
    never_out = everything if held_out is None else np.setdiff1d(everything, held_out.image)
    trained_on = fitter.plain_parts(network.evidence, never_out) if len(never_out) else np.zeros((0, 2))
    known = np.zeros((0, 2)) if held_out is None else held_out.parts[_representative(held_out)]
    rejection = choose_rejection(known, trained_on, config.mixture.false_rejection)
    network.evidence.standardise(torch.from_numpy(rejection.location), torch.from_numpy(rejection.spread))
    return rejection


def _training_crops(
    heads: HeadFitter, head: Head, fitter: EvidenceFitter, evidence: Evidence, limit: float
) -> TrainingCrops:
    """Every window of the bank that was not augmented."""
    bank, labels = heads.bank, heads.images.labels
    rows = bank.rows(np.arange(len(labels)))
    owners, found = bank.image[rows], fitter.of_rows(evidence, rows)
    return TrainingCrops(heads.describe(head, rows), labels[owners], owners, found, found > limit)


def _representative(held_out: HeldOut) -> Flags:
    """Which held-out micrographs set the limit: those whose class kept half of its micrographs, or all if none did."""
    return held_out.representative if held_out.representative.any() else np.ones(len(held_out.image), np.bool_)
