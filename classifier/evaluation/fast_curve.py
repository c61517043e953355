"""The learning curve from features that are computed once: what fewer micrographs, in all or of one class, cost.

Of a training only the head is repeated, so a curve takes little longer than a training. `learning_curve` repeats whole
trainings, and counts none of these as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from classifier.arrays import Flags, Index
from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.errors import ClassifierError
from classifier.evaluation.learning_curve import choose_specimens
from classifier.pretrained.subsets import SubsetHeads
from classifier.progress import Callback, Reporter
from classifier.quality.folds import hold_out_folds
from classifier.samples import Sample, training_set

SHARES = (0.25, 0.5, 0.75, 1.0)
"""Of the training micrographs of each class."""
HALF = 0.5
"""Of one class that is kept while all others stay."""
MOST_KEPT = 0.75
"""Share of a class that may be left, so that its loss tells something: large specimens stay whole."""
MOST_CLASSES = 10
"""The largest classes are halved in turn, to bound the time."""
ENCODING = 0.5
"""Share of the progress for the features."""


@dataclass(frozen=True)
class Trial:
    """`right` (n,): the held-out micrographs named rightly after trainings on `micrographs`, a mean over the folds."""

    micrographs: float
    right: Flags


@dataclass(frozen=True)
class FastCurve:
    """`held_out` (n,): the indices of the micrographs among the labelled samples; no specimen of theirs was trained on.

    `shares`: with ever more micrographs, at last with all. `halved`: with about half of one class and all of the
    others; `kept` and `counts` are that class's training micrographs then and otherwise, means over the folds. A class
    of which no half can be taken away, because a specimen stays whole, is not in `halved`.
    """

    held_out: Index
    specimens: list[str]
    shares: list[Trial]
    halved: dict[str, Trial]
    kept: dict[str, float]
    counts: dict[str, float]


def fast_curve(
    samples: Sequence[Sample],
    config: Config,
    seed: int = 0,
    callback: Callback | None = None,
    device: str | None = None,
) -> FastCurve:
    """Measure the curve on folds grouped by specimen.

    Raises ClassifierError for another recipe than "pretrained", and where no specimen can be held out.
    """
    if config.recipe != "pretrained":
        raise ClassifierError('Only the recipe "pretrained" computes features once; use `evaluate --learning-curve`.')
    report, kept = Reporter(callback), training_set(samples)
    on = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    images = TrainingImages.of(kept, config, on)
    heads = SubsetHeads.of(images, config, seed, report.part(0, ENCODING))
    images = heads.heads.images
    folds = hold_out_folds(images, config.pretrained.folds, seed)
    if not folds:
        raise ClassifierError("No specimen can be held out, so nothing can be measured. Add more specimens.")
    return _measure(heads, images, folds, seed, report.part(ENCODING, 1))


def _measure(
    heads: SubsetHeads, images: TrainingImages, folds: Sequence[tuple[Index, Index]], seed: int, report: Reporter
) -> FastCurve:
    sizes = np.bincount(images.labels, minlength=len(images.classes))
    largest = sorted(np.argsort(-sizes, kind="stable")[:MOST_CLASSES].tolist())
    plans = {share: [_share_of(images, inside, share, seed) for inside, _ in folds] for share in SHARES}
    halves = {one: [_without_half(images, inside, one, seed) for inside, _ in folds] for one in largest}
    everything = [inside for inside, _ in folds]
    halves = {one: parts for one, parts in halves.items() if _is_halved(images, parts, everything, one)}
    steps = report.equal_parts(len(plans) + len(halves))
    trials = [
        _trial(heads, parts, folds, step)
        for parts, step in zip([*plans.values(), *halves.values()], steps, strict=True)
    ]
    held_out = np.concatenate([out for _, out in folds])
    names = images.classes
    return FastCurve(
        held_out=held_out,
        specimens=[images.specimens[int(index)] for index in held_out],
        shares=trials[: len(plans)],
        halved={names[one]: trial for one, trial in zip(halves, trials[len(plans) :], strict=True)},
        kept={names[one]: _mean_count(images, parts, one) for one, parts in halves.items()},
        counts={names[one]: _mean_count(images, everything, one) for one in halves},
    )


def _trial(heads: SubsetHeads, parts: Sequence[Index], folds: Sequence[tuple[Index, Index]], report: Reporter) -> Trial:
    """A head for each fold's part, asked about what the fold holds out."""
    steps = report.equal_parts(len(folds))
    right = [heads.recognised(part, out, step) for part, (_, out), step in zip(parts, folds, steps, strict=True)]
    return Trial(float(np.mean([len(part) for part in parts])), np.concatenate(right))


def _share_of(images: TrainingImages, inside: Index, share: float, seed: int) -> Index:
    chosen = choose_specimens([images.samples[int(i)] for i in inside], share, np.random.default_rng(seed))
    return inside[np.array(chosen, np.int64)]


def _without_half(images: TrainingImages, inside: Index, label: int, seed: int) -> Index:
    own = inside[images.labels[inside] == label]
    return np.sort(np.concatenate((inside[images.labels[inside] != label], _share_of(images, own, HALF, seed))))


def _is_halved(images: TrainingImages, parts: Sequence[Index], everything: Sequence[Index], label: int) -> bool:
    return _mean_count(images, parts, label) <= MOST_KEPT * _mean_count(images, everything, label)


def _mean_count(images: TrainingImages, parts: Sequence[Index], label: int) -> float:
    return float(np.mean([(images.labels[part] == label).sum() for part in parts]))
