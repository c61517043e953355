"""Fitting the recipe "pretrained": a committee of heads, and what it says of specimens that it has not seen.

The committee's heads train on every micrograph. For each fold of the specimens one more expert (experts.py) is fitted
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
from classifier.pretrained.fold_heads import Expert, Fitting
from classifier.pretrained.network import TEXTURES, Head, PretrainedNetwork
from classifier.pretrained.ood_residual import Strangeness
from classifier.pretrained.rejection import Limits, Unseen, choose_rules
from classifier.pretrained.sizing import suited
from classifier.pretrained.window_bank import build_bank
from classifier.progress import Reporter
from classifier.quality.controls import majority, scale_lookup
from classifier.quality.folds import hold_out_folds
from classifier.quality.held_out import held_out_metrics
from classifier.recipes import build_network
from classifier.scoring.ensemble import Committee
from classifier.scoring.scorer import Recogniser, Trained


def fit_pretrained(images: TrainingImages, config: Config, seed: int, report: Reporter) -> Trained:
    """Look at every micrograph once, then train heads on what was seen: one without each fold, then the committee's."""
    generator = torch.Generator().manual_seed(seed)
    grown = suited(config, len(images.labels), len(images.classes))
    config = config.changed(triplets={"descriptor_dimensions": grown.triplets.descriptor_dimensions})
    network = cast(PretrainedNetwork, build_network(config, images.device, generator))
    bank = build_bank(network, images, config, generator, report.part(0, 0.8))
    images = images.joined(bank.digests)
    fitting = Fitting(bank, images, grown, generator)
    folds = hold_out_folds(images, config.pretrained.folds, seed)
    unseen = _judge_folds(fitting, network, folds, report.part(0.8, 0.9))
    everything = np.arange(len(images.labels))
    experts = [
        fitting.expert(cast(Head, head), network.strangeness, everything, part)
        for head, part in zip(network.heads, _parts(report.part(0.9, 1), config.pretrained.ensemble_size), strict=True)
    ]
    never_out = np.setdiff1d(everything, [said.image for said in unseen])
    trained_on = [fitting.judge(expert, int(image)) for expert in experts for image in never_out]
    temperature, limits = choose_rules(images, unseen, trained_on, config)
    means = [said.probabilities(limits, temperature) for said in unseen]
    metrics = _metrics(images, folds, unseen, np.stack(means)) if unseen else {"held_out": None}
    rows = bank.rows(everything)
    descriptors, labels = fitting.describe(experts[0].head, rows), images.labels[bank.image[rows]]
    out_of_fold = {said.image: mean for said, mean in zip(unseen, means, strict=True)}
    recogniser = Recogniser(config, network, _committee(experts, limits, temperature))
    return Trained(recogniser, descriptors, labels, metrics, out_of_fold)


def _judge_folds(
    fitting: Fitting, network: PretrainedNetwork, folds: Sequence[tuple[Index, Index]], report: Reporter
) -> list[Unseen]:
    """What an expert without each fold says of the micrographs in it."""
    unseen = []
    for (inside, out), part in zip(folds, _parts(report, len(folds)), strict=True):
        expert = fitting.expert(copy.deepcopy(cast(Head, network.heads[0])), Strangeness(TEXTURES), inside, part)
        unseen += [fitting.judge(expert, int(image)) for image in out]
    return unseen


def _parts(report: Reporter, count: int) -> list[Reporter]:
    """As many equal parts of the whole."""
    return [report.part(number / count, (number + 1) / count) for number in range(count)]


def _committee(experts: Sequence[Expert], limits: Limits, temperature: float) -> Committee:
    """All mixtures, under limits in their own spreads; strangeness, which all share, in that of the first."""
    members = [
        replace(expert.mixture.with_threshold_in_spreads(limits.likelihood), temperature=temperature)
        for expert in experts
    ]
    return Committee(tuple(members), experts[0].usual - limits.familiarity * experts[0].spread)


def _metrics(
    images: TrainingImages, folds: list[tuple[Index, Index]], unseen: Sequence[Unseen], means: Floats
) -> dict[str, Any]:
    """What the experts say of unseen specimens, beside the controls on the same folds."""
    names, scales = np.array(images.names), np.array(images.scales)
    controls: dict[str, list[str]] = {"majority": [], "scale_only": []}
    for inside, out in folds:
        known = names[inside].tolist()
        controls["majority"] += majority(known, len(out))
        controls["scale_only"] += scale_lookup(known, scales[inside].tolist(), scales[out].tolist())
    actual = [str(names[said.image]) for said in unseen]
    return held_out_metrics(images.classes, actual, means, controls)
