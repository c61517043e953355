"""Folds in which no specimen is on both sides: those of a cross-validation, and those within a training."""

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from classifier.arrays import Index
from classifier.crops.images import TrainingImages
from classifier.errors import ClassifierError
from classifier.samples import Sample, specimens


def grouped_folds(samples: Sequence[Sample], folds: int, seed: int) -> Iterator[tuple[list[int], list[int]]]:
    """Indices that train and indices held out, for each fold; no specimen is on both sides, classes are spread."""
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
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():  # a class with fewer images than folds cannot be in each of them: see evaluate
        warnings.filterwarnings("ignore", "The least populated class")
        splits = list(splitter.split(np.zeros(len(samples)), labels, groups))
    for training, held in splits:
        yield [int(i) for i in training], [int(i) for i in held]


def hold_out_folds(images: TrainingImages, folds: int, seed: int) -> list[tuple[Index, Index]]:
    """Indices that train and indices held out, at most `folds` of them; no specimen is on both sides.

    A class that would keep fewer than two micrographs keeps all its specimens in that fold. One specimen alone cannot
    be held out: no folds. There are no more of them than the largest class has micrographs, or nothing could be spread.
    """
    everything = np.arange(len(images.labels))
    names = np.array(images.specimens)
    folds = min(folds, len(set(images.specimens)), int(np.bincount(images.labels).max()))
    if folds < 2:
        return []
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    found = []
    with warnings.catch_warnings():  # a class with fewer micrographs than folds is dealt with below
        warnings.filterwarnings("ignore", "The least populated class")
        splits = list(splitter.split(everything, images.labels, names))
    for _, out in splits:
        kept = np.bincount(images.labels[np.setdiff1d(everything, out)], minlength=len(images.classes))
        poor = np.isin(images.labels[out], np.flatnonzero(kept < 2))
        out = out[~np.isin(names[out], names[out][poor])]
        if len(out):
            found.append((np.setdiff1d(everything, out), out))
    return found
