"""How the accuracy grows with the number of training images: is it worth photographing more specimens?

The folds are those of the cross-validation (evaluation.py); in each, ever more of the other specimens train, each set
within the next, and all of them are asked about the same held-out micrographs.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifier.config import Config
from classifier.crops.images import with_copies_joined
from classifier.evaluation.cross_validation import Evaluation, Predictions, predict_fold
from classifier.progress import Callback, Reporter
from classifier.quality.folds import grouped_folds
from classifier.samples import Sample, specimens, training_set

SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Of each class's training images, the last all of them."""
FEWEST = 2
"""Images that a class needs to train."""


@dataclass(frozen=True)
class Point:
    """`images` that trained, on average over the folds, and what was right on those held out."""

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
    """A point for every share of the specimens. Raises ClassifierError when there are fewer specimens than folds."""
    report = Reporter(callback)
    kept = with_copies_joined(training_set(samples), config or Config(), report.part(0, 0.02))
    sides = list(grouped_folds(kept, folds, seed))
    rows = [[_inside(kept, inside, share, seed) for inside, _ in sides] for share in shares]
    # With few specimens two shares come to the same micrographs: once is enough
    rows = [row for before, row in zip([[], *rows], rows, strict=False) if row != before]
    points = []
    for number, row in enumerate(rows):
        answers = Predictions()
        for fold, (chosen, (_, outside)) in enumerate(zip(row, sides, strict=True)):
            done = 0.02 + 0.98 * (number * folds + fold) / (folds * len(rows))
            part = report.part(done, done + 0.98 / (folds * len(rows)))
            predict_fold(answers, [kept[i] for i in chosen], [kept[i] for i in outside], config, seed, part)
        images = float(np.mean([len(chosen) for chosen in row]))
        points.append(Point(images, answers.evaluation(sorted({str(sample.label) for sample in kept}))))
    return points


def _inside(samples: Sequence[Sample], inside: list[int], share: float, seed: int) -> list[int]:
    """Of the indices that train in a fold, a share."""
    return [inside[i] for i in some_specimens([samples[i] for i in inside], share, np.random.default_rng(seed))]


def some_specimens(samples: Sequence[Sample], share: float, rng: np.random.Generator) -> list[int]:
    """Indices of whole specimens until every class has about `share` of its images.

    With an equal generator, a larger share holds the smaller one (where no specimen has several classes).
    """
    names = specimens(samples)
    total = Counter(str(sample.label) for sample in samples)
    wanted = {label: max(FEWEST, round(share * count)) for label, count in total.items()}
    have: Counter[str] = Counter()
    chosen: set[str] = set()
    for name in rng.permutation(sorted(set(names))):
        inside = Counter(str(sample.label) for sample, own in zip(samples, names, strict=True) if own == name)
        if any(have[label] < wanted[label] for label in inside):
            chosen.add(str(name))
            have += inside
    return [index for index, own in enumerate(names) if own in chosen]
