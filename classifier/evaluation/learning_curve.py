"""The learning curve: accuracy by the number of training images.

In each fold of the cross-validation, increasing and nested sets of the other specimens train, and the same held-out
micrographs are scored.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifier.config import Config
from classifier.evaluation.cross_validation import READING, Evaluation, FoldedSamples
from classifier.progress import Callback, Reporter
from classifier.samples import FEWEST_PER_CLASS, Sample, specimens

SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Of each class's training images."""


@dataclass(frozen=True)
class Point:
    """The evaluation with `images` training images, a mean over the folds."""

    images: float
    evaluation: Evaluation

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {"images": self.images, **self.evaluation.to_dict()}


def learning_curve(
    samples: Sequence[Sample],
    config: Config | None = None,
    folds: int = 5,
    seed: int = 0,
    callback: Callback | None = None,
    shares: Sequence[float] = SHARES,
) -> list[Point]:
    """A point for every share of the specimens. Raises ClassifierError for fewer specimens than folds."""
    report = Reporter(callback)
    folded = FoldedSamples.of(samples, config, folds, seed, report.part(0, READING))
    steps = [
        [(_share_of(folded.samples, training, share, seed), held_out) for training, held_out in folded.folds]
        for share in shares
    ]
    # With few specimens two shares can select the same micrographs
    steps = [step for previous, step in zip([[], *steps], steps, strict=False) if step != previous]
    points = []
    for step, part in zip(steps, report.part(READING, 1).equal_parts(len(steps)), strict=True):
        images = float(np.mean([len(training) for training, _ in step]))
        points.append(Point(images, folded.evaluate(step, config, seed, part)))
    return points


def _share_of(samples: Sequence[Sample], training: list[int], share: float, seed: int) -> list[int]:
    """A share of the indices that train in a fold."""
    chosen = choose_specimens([samples[i] for i in training], share, np.random.default_rng(seed))
    return [training[i] for i in chosen]


def choose_specimens(samples: Sequence[Sample], share: float, rng: np.random.Generator) -> list[int]:
    """Indices of the images of randomly chosen specimens, until every class has about `share` of its images.

    With an equally seeded generator a larger share contains the smaller one, if every specimen has a single class.
    """
    names = specimens(samples)
    total = Counter(str(sample.label) for sample in samples)
    target = {label: max(FEWEST_PER_CLASS, round(share * count)) for label, count in total.items()}
    counts: Counter[str] = Counter()
    chosen: set[str] = set()
    for name in rng.permutation(sorted(set(names))):
        added = Counter(str(sample.label) for sample, specimen in zip(samples, names, strict=True) if specimen == name)
        if any(counts[label] < target[label] for label in added):
            chosen.add(str(name))
            counts += added
    return [index for index, specimen in enumerate(names) if specimen in chosen]
