"""Fitting the recipe "pretrained": encode every micrograph once, fit a head without each fold, then the ensemble."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch

from classifier.arrays import Flags, Floats
from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.pretrained.background import encode_background
from classifier.pretrained.evidence_fitter import EvidenceFitter
from classifier.pretrained.fold_heads import Folds, HeldOut, fold_metrics, hold_out_each
from classifier.pretrained.heads import FittedHead, HeadFitter
from classifier.pretrained.linear_classifier import choose_weight
from classifier.pretrained.network import Head, PretrainedNetwork, build_network
from classifier.pretrained.operating_point import measure, operating_point
from classifier.pretrained.rejection import Rejection, choose_rejection, scale_tolerance
from classifier.pretrained.scorer import PretrainedScorer
from classifier.pretrained.sizing import sized_for
from classifier.pretrained.window_bank import build_window_bank
from classifier.progress import Reporter
from classifier.quality.folds import hold_out_folds
from classifier.quality.posterior import Calibration
from classifier.scoring.ensemble import MixtureEnsemble
from classifier.scoring.rules import EvidenceRule
from classifier.scoring.scorer import Trained
from classifier.triplet.mixture import choose_temperature, tempered_posterior

UNMEASURED_TEMPERATURE = 32.0
"""The temperature if no specimen can be held out: the typical choice on UHCS cut to three micrographs a class."""


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
    heads.fit_linear(network.linear, fitted[0].head, everything)
    rejection = _fit_evidence(network, evidence, held_out, config)
    rule, posteriors = _rule(fitted, rejection, held_out, images)
    rows = bank.rows(everything)
    measured = _Measured(images, folds, held_out, posteriors, rule)
    return Trained(
        scorer=PretrainedScorer(config, network, rule),
        descriptors=heads.describe(fitted[0].head, rows),
        labels=images.labels[bank.image[rows]],
        metrics=measured.metrics(evidence, rejection, config.mixture.false_rejection),
        out_of_fold=measured.out_of_fold(rejection),
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


def _representative(held_out: HeldOut) -> Flags:
    """Which held-out micrographs set the limit: those whose class kept half of its micrographs, or all if none did."""
    return held_out.representative if held_out.representative.any() else np.ones(len(held_out.image), np.bool_)


def _rule(
    heads: Sequence[FittedHead], rejection: Rejection, held_out: HeldOut | None, images: TrainingImages
) -> tuple[EvidenceRule, Floats]:
    """The rule, and the posteriors (n, k) of the held-out micrographs, not yet calibrated."""
    temperature, calibration, tolerance, weight = UNMEASURED_TEMPERATURE, Calibration(), np.inf, 0.0
    posteriors = np.zeros((0, len(images.classes)))
    if held_out is not None:
        labels = images.labels[held_out.image].tolist()
        temperature = choose_temperature(held_out.components, labels)
        of_heads = np.stack([tempered_posterior(rows, temperature).mean(0) for rows in held_out.components])
        weight = choose_weight(of_heads, held_out.linear, labels)
        posteriors = (1 - weight) * of_heads + weight * held_out.linear
        calibration, tolerance = Calibration.fit(posteriors, labels), scale_tolerance(held_out.scale_offset)
    members = tuple(replace(head.mixture, temperature=temperature) for head in heads)
    ensemble = MixtureEnsemble(members)
    return EvidenceRule(ensemble, calibration, rejection.limit, rejection.known, tolerance, weight), posteriors


@dataclass(frozen=True)
class _Measured:
    """The held-out micrographs with their posteriors (n, k), and the rule to be measured on them."""

    images: TrainingImages
    folds: Folds
    held_out: HeldOut | None
    posteriors: Floats
    rule: EvidenceRule

    def probabilities(self, rejection: Rejection) -> Floats:
        """The probabilities (n, k + 1) that the rule gives the held-out micrographs."""
        assert self.held_out is not None
        return self.rule.with_none(
            self.rule.calibration.apply(self.posteriors), rejection.evidence(self.held_out.parts)
        )

    def out_of_fold(self, rejection: Rejection) -> dict[int, Floats]:
        """The same, by micrograph."""
        if self.held_out is None:
            return {}
        return dict(zip(self.held_out.image.tolist(), self.probabilities(rejection), strict=True))

    def metrics(self, evidence: EvidenceFitter, rejection: Rejection, false_rejection: float) -> dict[str, Any]:
        """The accuracy on held-out micrographs, and the operating point."""
        if self.held_out is None:
            return {"held_out": None}
        measured = measure(self.held_out, evidence, rejection)
        return {
            "linear_weight": self.rule.linear_weight,
            **fold_metrics(self.images, self.folds, self.held_out, self.probabilities(rejection)),
            "operating_point": operating_point(
                measured, rejection, false_rejection, self.held_out.scale_offset, self.rule.scale_tolerance
            ),
        }
