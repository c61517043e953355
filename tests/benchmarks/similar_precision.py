"""``python -m tests.benchmarks.similar_precision``: how often similar micrographs have the class of the one asked for.

On the training split of UHCS in five grouped folds: a model is trained without some specimens, and each of their
micrographs is compared with those that the model was trained on. So no micrograph is compared with its own specimen,
and none was known to the model. Precision at 5 is the share of the five nearest that have its class. The look-up by
scale alone takes the five nearest in the logarithm of pixels per micrometre. Intervals take whole specimens as units.
"""

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier import Classifier, Config, Sample
from classifier.command_line.manifest import read_entries
from classifier.quality.folds import grouped_folds
from classifier.samples import training_set
from microdb.statistics.bootstrap import REPLICATES, percentile_interval, resampling_weights
from microdb.statistics.intervals import clustered_interval

ROOT = Path(__file__).resolve().parent.parent.parent
UHCS = ROOT.parent / "shared" / "data" / "uhcs" / "micrographs.csv"
NEAREST, FOLDS = 5, 5
SCALE_FACTOR = 2.0
"""As on the site."""
BRIEF = Config().changed(
    pretrained={"ensemble_size": 1, "background": 16, "augmented_crops": 1}, triplets={"steps": 10}
)
"""The heads and the background have no part in the descriptors, so they get little time."""
Numbers = NDArray[np.float64]


@dataclass
class Hits:
    """Of each micrograph asked for, how many of the nearest have its class, and how many there are."""

    right: list[int] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)

    def add(self, near: NDArray[np.intp], labels: NDArray[np.str_], label: str) -> None:
        self.right.append(int((labels[near] == label).sum()))
        self.shown.append(len(near))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if not UHCS.exists():
        print(f"{UHCS} is not there")
        return 1
    samples = training_set([entry.sample() for entry in read_entries(UHCS, "train")])
    specimens, hits = [], {name: Hits() for name in ("scale alone", "similar", "similar, any scale")}
    for inside, outside in grouped_folds(samples, FOLDS, given.seed):
        specimens += [samples[index].specimen for index in outside]
        fold([samples[index] for index in inside], [samples[index] for index in outside], given.seed, hits)
        print(f"{len(specimens)} of {len(samples)} micrographs", flush=True)
    report(specimens, hits)
    return 0


def fold(known: list[Sample], asked: list[Sample], seed: int, hits: dict[str, Hits]) -> None:
    classifier = Classifier(BRIEF, seed).fit(known)
    places, queries = (described(classifier, part) for part in (known, asked))
    labels = np.array([str(sample.label) for sample in known])
    scales, own = (np.log2([sample.pixels_per_micrometre or 1.0 for sample in part]) for part in (known, asked))
    for query, scale, sample in zip(queries, own, asked, strict=True):
        apart, octaves = np.linalg.norm(places - query, axis=1), np.abs(scales - scale)
        everything = np.arange(len(known))
        near = np.flatnonzero(octaves <= np.log2(SCALE_FACTOR))
        hits["scale alone"].add(nearest(octaves, everything), labels, str(sample.label))
        hits["similar"].add(nearest(apart, near), labels, str(sample.label))
        hits["similar, any scale"].add(nearest(apart, everything), labels, str(sample.label))


def described(classifier: Classifier, samples: list[Sample]) -> Numbers:
    rows = [vector for sample in samples for vector in classifier.describe([sample])]
    return np.array(rows, np.float64)


def nearest(distances: Numbers, among: NDArray[np.intp]) -> NDArray[np.intp]:
    return among[np.argsort(distances[among], kind="stable")[:NEAREST]]


def report(specimens: list[str], hits: dict[str, Hits]) -> None:
    groups = np.unique(specimens, return_inverse=True)[1]
    sums = {name: by_group(groups, found) for name, found in hits.items()}
    scale_right, scale_shown = sums["scale alone"]
    for name, (right, shown) in sums.items():
        interval = clustered_interval(right, shown)
        share, low, high = (100 * value for value in (right.sum() / shown.sum(), interval.low, interval.high))
        print(f"{name}: {share:.1f} % ({low:.1f} to {high:.1f})")
        weights = resampling_weights(len(right), np.random.default_rng(0), REPLICATES)
        more = (right @ weights) / (shown @ weights) - (scale_right @ weights) / (scale_shown @ weights)
        gain = percentile_interval(more)
        print(f"  more than by scale alone: {100 * gain.low:.1f} to {100 * gain.high:.1f} points")


def by_group(groups: NDArray[np.intp], hits: Hits) -> tuple[Numbers, Numbers]:
    return np.bincount(groups, hits.right).astype(np.float64), np.bincount(groups, hits.shown).astype(np.float64)


if __name__ == "__main__":
    sys.exit(main())
