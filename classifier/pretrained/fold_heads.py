"""Folds of the specimens: a head and evidence fitted without each.

What they find in the fold measures the accuracy on specimens that nothing was fitted to, over nearly all micrographs,
and sets the temperature, the calibration and the limit of none of these.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from classifier.arrays import Flags, Floats, Index
from classifier.crops.images import TrainingImages
from classifier.pretrained.evidence_fitter import EvidenceFitter
from classifier.pretrained.heads import HeadFitter
from classifier.pretrained.held_out_cells import HeldOutCells
from classifier.pretrained.linear_classifier import LinearClassifier
from classifier.pretrained.network import FEATURES, SCALE_COPIES, Head, PretrainedNetwork
from classifier.pretrained.scale_estimate import ScaleEstimate
from classifier.progress import Reporter
from classifier.quality.controls import scale_only_predictions
from classifier.quality.held_out import held_out_metrics

Folds = Sequence[tuple[Index, Index]]
"""Indices of the micrographs that train, and of those held out."""


@dataclass(frozen=True)
class HeldOut:
    """What was found in n held-out micrographs, in the order of `image` (n,).

    `components`: the log-likelihoods (windows, k) of each. `linear` (n, k): the linear classifier's posteriors. `parts`
    (n, 2): those of the evidence. `scale_offset` (n,): the estimated less the given log2 scale. `representative` (n,):
    whether half of its class's micrographs were left to fit to; without a class's main specimen, the class is nearly
    unknown. `degraded` (m, 2) and `background` (b, 2): the parts of degraded copies of `degraded_image` (m,), and of
    the background's micrographs of held-out materials, with their index `background_index` (b,). `cells`: what was
    found in cells of the saliency maps of some of them.
    """

    image: Index
    components: list[Floats]
    linear: Floats
    parts: Floats
    scale_offset: Floats
    representative: Flags
    degraded: Floats
    degraded_image: Index
    background: Floats
    background_index: Index
    cells: HeldOutCells


def hold_out_each(
    heads: HeadFitter, evidence: EvidenceFitter, network: PretrainedNetwork, folds: Folds, report: Reporter
) -> HeldOut:
    """What heads and evidence find in the fold that they were fitted without."""
    labels, classes, device = heads.images.labels, len(heads.images.classes), heads.bank.features.device
    scales = np.log2(heads.images.scales)
    materials = sorted(set(evidence.background.materials))
    found = []
    for index, ((inside, out), part) in enumerate(zip(folds, report.equal_parts(len(folds)), strict=True)):
        fitted = heads.fit(copy.deepcopy(cast(Head, network.heads[0])), inside, part)  # a ModuleList is not generic
        unseen = frozenset(materials[index :: len(folds)])
        linear = heads.fit_linear(LinearClassifier(FEATURES + SCALE_COPIES, classes).to(device), fitted.head, inside)
        measure = evidence.fit_new(inside, unseen)
        estimate = evidence.fit_scale(ScaleEstimate(FEATURES).to(device), inside)
        others = np.flatnonzero([name in unseen for name in evidence.background.materials])
        kept = np.bincount(labels[inside], minlength=labels.max() + 1)[labels[out]]
        found.append(
            HeldOut(
                image=out,
                components=[heads.components(fitted, int(image)) for image in out],
                linear=np.stack([heads.linear_posterior(linear, fitted.head, int(image)) for image in out]),
                parts=evidence.plain_parts(measure, out),
                scale_offset=evidence.scale_offsets(estimate, out),
                representative=kept >= np.bincount(labels)[labels[out]] / 2,
                degraded=evidence.degraded_parts(measure, out),
                degraded_image=evidence.degraded_images(out),
                background=evidence.background_parts(measure, others, np.resize(scales[inside], len(others))),
                background_index=others,
                cells=HeldOutCells.of(heads.bank.cells.of(out), fitted, linear, measure),
            )
        )
        part(
            "checking on held-out specimens", 1.0, f"fold {index + 1} of {len(folds)}", facts=_recognised(found, labels)
        )
    return _joined(found)


def _recognised(folds: Sequence[HeldOut], labels: Index) -> dict[str, int]:
    """How many micrographs of these folds the mixtures name rightly; the ensemble's answers may differ a little."""
    right = 0
    for fold in folds:
        for image, windows in zip(fold.image, fold.components, strict=True):
            likelihood = np.exp(windows - windows.max(1, keepdims=True))
            posterior = likelihood / likelihood.sum(1, keepdims=True)
            right += int(posterior.mean(0).argmax() == labels[image])
    return {"held_out": sum(len(fold.image) for fold in folds), "right": right}


def fold_metrics(images: TrainingImages, folds: Folds, held_out: HeldOut, probabilities: Floats) -> dict[str, Any]:
    """The metrics of the folds' probabilities (n, k + 1), beside the controls on the same folds."""
    names, scales = np.array(images.names), np.array(images.scales)
    by_scale: list[str] = []
    for inside, out in folds:
        by_scale += scale_only_predictions(names[inside].tolist(), scales[inside].tolist(), scales[out].tolist())
    return held_out_metrics(images.classes, names[held_out.image].tolist(), probabilities, by_scale)


def _joined(folds: Sequence[HeldOut]) -> HeldOut:
    return HeldOut(
        components=[one for fold in folds for one in fold.components],
        cells=HeldOutCells.join([fold.cells for fold in folds]),
        **{
            name: np.concatenate([getattr(fold, name) for fold in folds])
            for name in HeldOut.__dataclass_fields__
            if name not in ("components", "cells")
        },
    )
