"""``python -m tests.benchmarks.similar_precision``: how often similar micrographs have the class of the one asked for.

On the training split of UHCS: each micrograph is compared with those of other specimens. Precision at 5 is the share of
the five nearest that have its class. The look-up by scale alone takes the five nearest in the logarithm of pixels per
micrometre. Intervals take whole specimens as units. The descriptors of the recipe "pretrained" know no labels, so one
fit serves all: no label of a micrograph has a part in its place.
"""

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier import Classifier, Config, Sample
from classifier.command_line.manifest import read_entries
from classifier.samples import training_set
from microdb.statistics.bootstrap import REPLICATES, percentile_interval, resampling_weights
from microdb.statistics.intervals import clustered_interval

ROOT = Path(__file__).resolve().parent.parent.parent
UHCS = ROOT.parent / "shared" / "data" / "uhcs" / "micrographs.csv"
NEAREST = 5
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
    classifier = Classifier(BRIEF, given.seed).fit(samples)
    places = np.array([vector for sample in samples for vector in classifier.describe([sample])], np.float64)
    report([sample.specimen for sample in samples], compared(samples, places))
    return 0


def compared(samples: list[Sample], places: Numbers) -> dict[str, Hits]:
    """Each micrograph, at its place (n, d), with those of other specimens."""
    hits = {name: Hits() for name in ("scale alone", "similar", "similar, any scale")}
    labels, specimens = (np.array([str(getattr(one, name)) for one in samples]) for name in ("label", "specimen"))
    scales = np.log2([one.pixels_per_micrometre or 1.0 for one in samples])
    for index, label in enumerate(labels):
        apart, octaves = np.linalg.norm(places - places[index], axis=1), np.abs(scales - scales[index])
        others = np.flatnonzero(specimens != specimens[index])
        near = others[octaves[others] <= np.log2(SCALE_FACTOR)]
        hits["scale alone"].add(nearest(octaves, others), labels, label)
        hits["similar"].add(nearest(apart, near), labels, label)
        hits["similar, any scale"].add(nearest(apart, others), labels, label)
    return hits


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
