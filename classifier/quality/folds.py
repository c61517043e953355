"""Folds that keep each specimen on one side: for cross-validation, and for the folds within a training."""

import warnings
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import StratifiedGroupKFold

from classifier.arrays import Index
from classifier.crops.images import TrainingImages
from classifier.errors import ClassifierError
from classifier.samples import FEWEST_PER_CLASS, Sample, specimens

Fold = tuple[list[int], list[int]]
"""Indices for training, and indices held out."""


def grouped_folds(samples: Sequence[Sample], folds: int, seed: int) -> list[Fold]:
    """Cross-validation folds, grouped by specimen and stratified by class.

    Raises ClassifierError if there are fewer specimens than folds, or no class has as many images as folds.
    """
    groups = specimens(samples)
    if folds < 2 or len(set(groups)) < folds:
        raise ClassifierError(
            f"{folds} folds need at least 2 folds and as many specimens, but there are {len(set(groups))} specimens; "
            "give fewer folds or more specimens."
        )
    labels = [str(sample.label) for sample in samples]
    if (most := max(Counter(labels).values())) < folds:
        raise ClassifierError(
            f"{folds} folds need a class of as many images, but the largest has {most}; give fewer folds or more "
            "images."
        )
    return [(inside.tolist(), outside.tolist()) for inside, outside in _split(labels, groups, folds, seed)]


def hold_out_folds(images: TrainingImages, folds: int, seed: int) -> list[tuple[Index, Index]]:
    """Folds within a training, at most `folds`, each with indices that train and indices held out.

    A class that would keep fewer than two micrographs for training is not held out in that fold. There are no folds
    if there is only one specimen, and no more than the largest class has micrographs.
    """
    everything = np.arange(len(images.labels))
    names = np.array(images.specimens)
    folds = min(folds, len(set(images.specimens)), int(np.bincount(images.labels).max()))
    if folds < 2:
        return []
    found = []
    for _, out in _split(images.labels, images.specimens, folds, seed):
        kept = np.bincount(images.labels[np.setdiff1d(everything, out)], minlength=len(images.classes))
        too_few = np.isin(images.labels[out], np.flatnonzero(kept < FEWEST_PER_CLASS))
        out = out[~np.isin(names[out], names[out][too_few])]
        if len(out):
            found.append((np.setdiff1d(everything, out), out))
    return found


def _split(labels: ArrayLike, groups: Sequence[str], folds: int, seed: int) -> list[tuple[Index, Index]]:
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():  # callers handle a class with fewer images than folds
        warnings.filterwarnings("ignore", "The least populated class")
        return list(splitter.split(np.zeros(len(groups)), labels, groups))
