"""``python -m tests.benchmarks.area_fractions MANIFEST [--split train]``: how often the interval of an area fraction
covers the truth.

For each fold of the specimens a model is trained on the others. Specimens to measure are composites of two micrographs
of the fold, of one scale and different classes, cut together along irregular regions that cover a known fraction.
Prints for narrow and wide regions how often the 95 % interval and that of the fields alone cover the truth, the error,
and the mean widths, also for the specimens whose two textures the model names rightly when alone.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier import Classifier
from classifier.command_line.manifest import Entry, read_entries
from microdb.statistics import exact_interval
from tests.composites import Pair, Picture, Trial, counted, standardised, trial

FOLDS, SPECIMENS, FIELDS = 3, 24, 6
"""Specimens are of each fold, fields of each specimen."""
FEWEST = 3
"""Micrographs of a class from which on it is trained."""
WIDTHS = (200.0, 400.0)
"""Of the regions, in pixels."""
LEAST, MOST = 0.1, 0.9
"""Known fractions, drawn evenly between these."""
NAMED = 0.8
"""Share of points of its own class from which on a micrograph alone counts as named rightly."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--split", default="train")
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--specimens", type=int, default=SPECIMENS)
    parser.add_argument("--fields", type=int, default=FIELDS)
    given = parser.parse_args()
    entries = [one for one in read_entries(given.manifest, given.split) if one.pixels_per_micrometre and one.label]
    rng = np.random.default_rng(0)
    names = rng.permutation(sorted({one.specimen for one in entries})).tolist()
    trials: list[tuple[Trial, bool]] = []
    for fold in range(given.folds):
        out = set(names[fold :: given.folds])
        classifier = _trained([one for one in entries if one.specimen not in out])
        files = _by_scale([one for one in entries if one.specimen in out], classifier.classes_)
        for number in range(given.specimens):
            pair = _pair(rng, files)
            fraction, width = rng.uniform(LEAST, MOST), WIDTHS[number % len(WIDTHS)]
            made = trial(classifier, rng, pair, fraction=fraction, width=width, fields=given.fields)
            trials.append((made, _named_rightly(classifier, rng, pair)))
        print(f"fold {fold + 1} of {given.folds} is done", file=sys.stderr)
    print("| composites | specimens | covered | 95 % interval | by fields alone | error (rms) | width | by fields |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for width in WIDTHS:
        _tell(f"regions of {width:.0f} px", [made for made, _ in trials if made.width == width])
    _tell("both textures named rightly when alone", [made for made, right in trials if right])
    _tell("all", [made for made, _ in trials])
    return 0


def _trained(entries: Sequence[Entry]) -> Classifier:
    """On the classes of which there are enough."""
    counts = Counter(one.label for one in entries)
    return Classifier().fit([one.sample() for one in entries if counts[one.label] >= FEWEST])


def _by_scale(entries: Sequence[Entry], classes: Sequence[str]) -> dict[float, dict[str, list[Path]]]:
    """The micrographs by scale and class; only scales with two classes."""
    found: dict[float, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        if entry.label in classes and entry.pixels_per_micrometre:
            found[entry.pixels_per_micrometre][entry.label].append(entry.path)
    return {scale: labels for scale, labels in found.items() if len(labels) > 1}


def _gray(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path).convert("L"))


def _pair(rng: np.random.Generator, files: dict[float, dict[str, list[Path]]]) -> Pair:
    scale = list(files)[rng.integers(len(files))]
    names = rng.permutation(sorted(files[scale]))[:2]
    paths = [files[scale][name][rng.integers(len(files[scale][name]))] for name in names]
    first, second = (standardised(_gray(path)) for path in paths)
    height, width = min(first.shape[0], second.shape[0]), min(first.shape[1], second.shape[1])

    def views(rng: np.random.Generator) -> tuple[Picture, Picture]:
        return _turned(rng, first[:height, :width]), _turned(rng, second[:height, :width])

    return Pair((str(names[0]), str(names[1])), scale, views)


def _turned(rng: np.random.Generator, picture: Picture) -> Picture:
    """Mirrored at random, so that fields of a specimen differ."""
    return picture[:: rng.choice([-1, 1]), :: rng.choice([-1, 1])]


def _named_rightly(classifier: Classifier, rng: np.random.Generator, pair: Pair) -> bool:
    pictures = [np.asarray((128 + 40 * view).clip(0, 255), np.uint8) for view in pair.views(rng)]
    shares = [counted(classifier, picture, pair.pixels_per_micrometre) for picture in pictures]
    return all(share[name] > NAMED for share, name in zip(shares, pair.labels, strict=True))


def _tell(name: str, trials: Sequence[Trial]) -> None:
    if not trials:
        print(f"| {name} | 0 | | | | | | |")
        return
    count, covered = len(trials), sum(one.covers for one in trials)
    ends = exact_interval(covered, count)
    alone = sum(one.covers_by_fields for one in trials)
    errors = np.array([one.found.mean - one.truth for one in trials])
    width = np.mean([one.interval.high - one.interval.low for one in trials])
    by_fields = np.mean([2 * (one.found.half_width or 0.0) for one in trials])
    print(
        f"| {name} | {count} | {covered / count:.0%} | {ends.low:.0%} to {ends.high:.0%} | {alone / count:.0%} | "
        f"{np.sqrt((errors**2).mean()):.3f} | {width:.3f} | {by_fields:.3f} |"
    )


if __name__ == "__main__":
    raise SystemExit(main())
