"""What labelling the least certain micrographs first gains over labelling random ones, replayed on a labelled dataset.

``python -m tests.benchmarks.replay_labelling MANIFEST --split train --seeds 5`` holds out each of five grouped folds in
turn. A head starts with a few labels of each class of the other specimens, then asks for the labels of more in the
order of each strategy, and is trained anew. After each step it scores the held-out micrographs. A head is what a
training fits on the encoder's features; the ensemble, the calibration and none of these are left out.
"""

import argparse
import copy
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from classifier.arrays import Floats, Index
from classifier.command_line.manifest import read_entries
from classifier.config import Config
from classifier.crops.images import TrainingImages
from classifier.pretrained.heads import HeadFitter
from classifier.pretrained.measured_rule import UNMEASURED_TEMPERATURE
from classifier.pretrained.network import Head, build_network
from classifier.pretrained.window_bank import build_window_bank
from classifier.progress import Reporter
from classifier.quality.folds import grouped_folds
from classifier.samples import training_set
from classifier.triplet.mixture import tempered_posterior

START = 3
"""Labels of each class before the first question."""
STEPS = (10, 10, 10, 10, 10, 20)
"""Further labels before each training."""
FOLDS = 5

Order = Callable[[Floats, np.random.Generator], Floats]
"""From posteriors (n, k) to ranks (n,): the micrographs with the smallest are labelled first."""


def _margin(posteriors: Floats, _rng: np.random.Generator) -> Floats:
    second, first = np.sort(posteriors, 1)[:, -2:].T
    return np.asarray(first - second, np.float64)


STRATEGIES: dict[str, Order] = {
    "random": lambda posteriors, rng: rng.random(len(posteriors)),
    "uncertainty": lambda posteriors, _rng: posteriors.max(1),
    "margin": _margin,
}


class Replay:
    """The encoded dataset, from which heads are trained on any of its micrographs."""

    def __init__(self, manifest: Path, split: str) -> None:
        samples = training_set([entry.sample() for entry in read_entries(manifest, split)])
        config, device = Config(), torch.device("cpu")
        self.images = TrainingImages.of(samples, config, device)
        generator = torch.Generator().manual_seed(0)
        network = build_network(config, len(self.images.classes), device, generator)
        bank = build_window_bank(network, self.images, config, generator, Reporter(None))
        self.images = self.images.with_copies_grouped(bank.digests)
        self._head = cast(Head, network.heads[0])
        self._heads = HeadFitter(bank, self.images, config, generator)

    def folds(self, seed: int) -> list[tuple[Index, Index]]:
        return [(np.array(one), np.array(other)) for one, other in grouped_folds(self.images.samples, FOLDS, seed)]

    def posteriors(self, labelled: Index, asked: Index, seed: int) -> Floats:
        """Those (n, k) of the micrographs ``asked``, by a head trained on those that are labelled."""
        self._heads.generator.manual_seed(seed)
        fitted = self._heads.fit(copy.deepcopy(self._head), np.sort(labelled), Reporter(None))
        windows = [self._heads.components(fitted, int(image)) for image in asked]
        return np.stack([tempered_posterior(rows, UNMEASURED_TEMPERATURE).mean(0) for rows in windows])

    def start(self, pool: Index, rng: np.random.Generator) -> Index:
        """``START`` random micrographs of each class."""
        labels = self.images.labels[pool]
        return np.concatenate([rng.permutation(pool[labels == one])[:START] for one in np.unique(labels)])

    def run(self, seed: int) -> dict[str, list[list[int]]]:
        """By strategy and step, the micrographs of all folds that were right (1) or wrong (0), in their order."""
        right = {name: np.zeros((len(STEPS) + 1, len(self.images.labels)), int) for name in STRATEGIES}
        for pool, held_out in self.folds(seed):
            rng = np.random.default_rng(seed)
            begun = self.start(pool, rng)
            everything = np.concatenate([pool, held_out])
            first = self.posteriors(begun, everything, seed)
            for name, order in STRATEGIES.items():
                labelled, found = begun, first
                for step, more in enumerate((*STEPS, 0)):
                    truth = self.images.labels[held_out]
                    right[name][step, held_out] = found[len(pool) :].argmax(1) == truth
                    if more:
                        rest = np.flatnonzero(~np.isin(pool, labelled))
                        chosen = rest[np.argsort(order(found[rest], rng), kind="stable")[:more]]
                        labelled = np.concatenate([labelled, pool[chosen]])
                        found = self.posteriors(labelled, everything, seed)
        return {name: table.tolist() for name, table in right.items()}


def table(known: dict[str, Any]) -> list[str]:
    """A line for each step and for their mean: labels, accuracy by strategy, and what each gains over random with its
    95 % interval."""
    right = {name: np.array([one[name] for one in known["seeds"].values()]) for name in STRATEGIES}
    labels = np.cumsum([START * len(set(known["labels"])), *STEPS])
    steps: list[tuple[str, int | slice]] = [(f"{count:4d}", step) for step, count in enumerate(labels)]
    lines = []
    for title, step in (*steps, ("mean", slice(1, None))):
        found = {name: one[:, step].reshape(len(one), -1, one.shape[2]).mean(1) for name, one in right.items()}
        cells = [title, *(f"{name} {100 * one.mean():.1f}" for name, one in found.items())]
        for name in list(STRATEGIES)[1:]:
            gains = found[name] - found["random"]
            low, high = 100 * _interval(gains, known["specimens"])
            cells.append(f"{name} gains {100 * gains.mean():+.1f} ({low:+.1f} to {high:+.1f})")
        lines.append(", ".join(cells))
    return lines


def _interval(gains: Floats, specimens: Sequence[str], replicates: int = 4000) -> Floats:
    """Of the mean of gains (seeds, micrographs), by resampling seeds and specimens."""
    names, groups = np.unique(specimens, return_inverse=True)
    rng = np.random.default_rng(0)

    def drawn(count: int) -> NDArray[np.int64]:
        return rng.multinomial(count, np.full(count, 1 / count), replicates)

    weights = drawn(len(names))[:, groups]
    means = np.einsum("rs,sm,rm->r", drawn(len(gains)), gains, weights) / weights.sum(1) / len(gains)
    return np.quantile(means, [0.025, 0.975])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--split", default="train")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(5)))
    parser.add_argument("--json", type=Path, required=True, help="Where the answers of each seed are added.")
    given = parser.parse_args()
    replay = Replay(given.manifest, given.split)
    for seed in given.seeds:
        known = json.loads(given.json.read_text()) if given.json.exists() else {"seeds": {}}
        known["specimens"] = replay.images.specimens
        known["labels"] = replay.images.labels.tolist()
        known["seeds"][str(seed)] = replay.run(seed)
        given.json.write_text(json.dumps(known))
        print(f"seed {seed} done", flush=True)
    print("\n".join(table(json.loads(given.json.read_text()))))


if __name__ == "__main__":
    main()
