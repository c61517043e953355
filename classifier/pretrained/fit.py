"""HeadFitter the recipe "pretrained": a ensemble of heads, and what it says of specimens that it has not seen.

The ensemble's heads train on every micrograph. For each fold of the specimens one more fitted (heads_.py) is fitted
without it: what these say of the fold measures the accuracy, over nearly all micrographs instead of a few, and sets the
temperature and the limits of none of these (none_of_these.py).
"""

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import torch

from classifier.arrays import Floats, Index
from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.pretrained.fold_heads import FittedHead, HeadFitter
from classifier.pretrained.network import FEATURES, Head, PretrainedNetwork
from classifier.pretrained.ood_residual import OodResidual
from classifier.pretrained.rejection import Limits, HeldOutPrediction, choose_temperature_and_limits
from classifier.pretrained.sizing import sized_for
from classifier.pretrained.window_bank import build_window_bank
from classifier.progress import Reporter
from classifier.quality.controls import majority, scale_only_predictions
from classifier.quality.folds import hold_out_folds
from classifier.quality.held_out import held_out_metrics
from classifier.recipes import build_network
from classifier.scoring.ensemble import MixtureEnsemble
from classifier.scoring.scorer import Scorer, Trained


def fit_pretrained(images: TrainingImages, config: Config, seed: int, report: Reporter) -> Trained:
    """Look at every micrograph once, then train heads on what was seen: one without each fold, then the ensemble's."""
    generator = torch.Generator().manual_seed(seed)
    grown = sized_for(config, len(images.labels), len(images.classes))
    config = config.changed(triplets={"descriptor_dimensions": grown.triplets.descriptor_dimensions})
    network = cast(PretrainedNetwork, build_network(config, images.device, generator))
    bank = build_window_bank(network, images, config, generator, report.part(0, 0.8))
    images = images.joined(bank.digests)
    fitting = HeadFitter(bank, images, grown, generator)
    folds = hold_out_folds(images, config.pretrained.folds, seed)
    held_out_predictions = _predict_folds(fitting, network, folds, report.part(0.8, 0.9))
    everything = np.arange(len(images.labels))
    heads_ = [
        fitting.fitted(cast(Head, head), network.ood_residual, everything, part)
        for head, part in zip(network.heads, _parts(report.part(0.9, 1), config.pretrained.ensemble_size), strict=True)
    ]
    never_out = np.setdiff1d(everything, [said.image for said in held_out_predictions])
    trained_on = [fitting.judge(fitted, int(image)) for fitted in heads_ for image in never_out]
    temperature, limits = choose_temperature_and_limits(images, held_out_predictions, trained_on, config)
    means = [said.probabilities(limits, temperature) for said in held_out_predictions]
    metrics = (
        _metrics(images, folds, held_out_predictions, np.stack(means)) if held_out_predictions else {"held_out": None}
    )
    rows = bank.rows(everything)
    descriptors, labels = fitting.describe(heads_[0].head, rows), images.labels[bank.image[rows]]
    out_of_fold = {said.image: mean for said, mean in zip(held_out_predictions, means, strict=True)}
    scorer = Scorer(config, network, _ensemble(heads_, limits, temperature))
    return Trained(scorer, descriptors, labels, metrics, out_of_fold)


def _predict_folds(
    fitting: HeadFitter, network: PretrainedNetwork, folds: Sequence[tuple[Index, Index]], report: Reporter
) -> list[HeldOutPrediction]:
    """What an fitted without each fold says of the micrographs in it."""
    held_out_predictions = []
    for (inside, out), part in zip(folds, _parts(report, len(folds)), strict=True):
        fitted = fitting.fitted(copy.deepcopy(cast(Head, network.heads[0])), OodResidual(FEATURES), inside, part)
        held_out_predictions += [fitting.judge(fitted, int(image)) for image in out]
    return held_out_predictions


def _parts(report: Reporter, count: int) -> list[Reporter]:
    """As many equal parts of the whole."""
    return [report.part(number / count, (number + 1) / count) for number in range(count)]


def _ensemble(heads_: Sequence[FittedHead], limits: Limits, temperature: float) -> MixtureEnsemble:
    """All mixtures, under limits in their own spreads; ood_residual, which all share, in that of the first."""
    members = [
        replace(fitted.mixture.with_standardised_threshold(limits.likelihood), temperature=temperature)
        for fitted in heads_
    ]
    return MixtureEnsemble(tuple(members), heads_[0].ood_location - limits.familiarity * heads_[0].spread)


def _metrics(
    images: TrainingImages,
    folds: list[tuple[Index, Index]],
    held_out_predictions: Sequence[HeldOutPrediction],
    means: Floats,
) -> dict[str, Any]:
    """What the heads_ say of held_out_predictions specimens, beside the controls on the same folds."""
    names, scales = np.array(images.names), np.array(images.scales)
    controls: dict[str, list[str]] = {"majority": [], "scale_only": []}
    for inside, out in folds:
        known = names[inside].tolist()
        controls["majority"] += majority(known, len(out))
        controls["scale_only"] += scale_only_predictions(known, scales[inside].tolist(), scales[out].tolist())
    actual = [str(names[said.image]) for said in held_out_predictions]
    return held_out_metrics(images.classes, actual, means, controls)
