"""Fold heads: for each fold of the specimens, one head fitted without it.

Their evidence on the fold measures the accuracy on specimens that no head was trained on, over nearly all micrographs,
and sets the temperature and the rejection limits (rejection.py).
"""

import copy
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from classifier.arrays import Floats, Index
from classifier.crops.images import TrainingImages
from classifier.pretrained.heads import HeadFitter
from classifier.pretrained.network import FEATURES, Head, PretrainedNetwork
from classifier.pretrained.ood_residual import OodResidual
from classifier.pretrained.rejection import WindowEvidence
from classifier.progress import Reporter
from classifier.quality.controls import majority, scale_only_predictions
from classifier.quality.held_out import held_out_metrics

Folds = Sequence[tuple[Index, Index]]
"""Indices of the micrographs that train, and of those held out."""


def fold_evidence(
    fitter: HeadFitter, network: PretrainedNetwork, folds: Folds, report: Reporter
) -> list[WindowEvidence]:
    """The evidence on each fold's micrographs, of a head that was fitted without them."""
    evidence = []
    for (inside, out), part in zip(folds, report.equal_parts(len(folds)), strict=True):
        head = copy.deepcopy(cast(Head, network.heads[0]))  # a ModuleList is not generic
        fitted = fitter.fit(head, OodResidual(FEATURES), inside, part)
        evidence += [fitter.evidence(fitted, int(image)) for image in out]
    return evidence


def fold_metrics(
    images: TrainingImages, folds: Folds, evidence: Sequence[WindowEvidence], probabilities: Floats
) -> dict[str, Any]:
    """The metrics of the fold heads' probabilities (n, k + 1), beside the controls on the same folds."""
    names, scales = np.array(images.names), np.array(images.scales)
    controls: dict[str, list[str]] = {"majority": [], "scale_only": []}
    for inside, out in folds:
        known = names[inside].tolist()
        controls["majority"] += majority(known, len(out))
        controls["scale_only"] += scale_only_predictions(known, scales[inside].tolist(), scales[out].tolist())
    actual = [str(names[one.image]) for one in evidence]
    return held_out_metrics(images.classes, actual, probabilities, controls)
