"""``python -m tests.benchmarks.area_fractions MODEL MANIFEST [--split quiz]``: how often the interval of an area
fraction covers the truth.

Specimens are composites of two micrographs of one scale and different classes, cut together along irregular regions
that cover a known fraction. Prints for narrow and wide regions the coverage of the 95 % interval, the mean error and
the mean half width, also for the specimens whose two textures the model names rightly when alone.
"""

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from classifier import Classifier
from classifier.command_line.manifest import read_entries
from microdb.statistics import exact_interval
from tests.composites import Pair, Picture, Trial, counted, standardised, trial

SPECIMENS, FIELDS = 60, 6
WIDTHS = (200.0, 400.0)
"""Of the regions, in pixels."""
LEAST, MOST = 0.1, 0.9
"""Known fractions, drawn evenly between these."""
NAMED = 0.8
"""Share of points of its own class from which on a micrograph alone counts as named rightly."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--split", default="quiz")
    parser.add_argument("--specimens", type=int, default=SPECIMENS)
    parser.add_argument("--fields", type=int, default=FIELDS)
    given = parser.parse_args()
    classifier, rng = Classifier.load(given.model), np.random.default_rng(0)
    files = _by_scale(given.manifest, given.split, classifier.classes_)
    trials: list[tuple[Trial, bool]] = []
    for number in range(given.specimens):
        pair = _pair(rng, files)
        fraction, width = rng.uniform(LEAST, MOST), WIDTHS[number % len(WIDTHS)]
        made = trial(classifier, rng, pair, fraction=fraction, width=width, fields=given.fields)
        trials.append((made, _named_rightly(classifier, rng, pair)))
    print("| composites | specimens | covered | 95 % interval | mean error | error (rms) | mean half width |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for width in WIDTHS:
        _tell(f"regions of {width:.0f} px", [made for made, _ in trials if made.width == width])
    _tell("both textures named rightly when alone", [made for made, right in trials if right])
    _tell("all", [made for made, _ in trials])
    return 0


def _by_scale(manifest: Path, split: str, classes: Sequence[str]) -> dict[float, dict[str, list[Path]]]:
    """The micrographs by scale and class; only scales with two classes."""
    found: dict[float, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for entry in read_entries(manifest, split):
        if entry.label in classes and entry.pixels_per_micrometre:
            found[entry.pixels_per_micrometre][entry.label].append(entry.path)
    return {scale: labels for scale, labels in found.items() if len(labels) > 1}


def _pair(rng: np.random.Generator, files: dict[float, dict[str, list[Path]]]) -> Pair:
    scale = list(files)[rng.integers(len(files))]
    names = rng.permutation(sorted(files[scale]))[:2]
    paths = [files[scale][name][rng.integers(len(files[scale][name]))] for name in names]
    first, second = (standardised(np.asarray(Image.open(path).convert("L"))) for path in paths)
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
        print(f"| {name} | 0 | | | | | |")
        return
    covered, count = sum(one.covers for one in trials), len(trials)
    ends = exact_interval(covered, count)
    errors = np.array([one.found.mean - one.truth for one in trials])
    half = np.mean([one.found.half_width or 0.0 for one in trials])
    print(
        f"| {name} | {count} | {covered / count:.0%} | {ends.low:.0%} to {ends.high:.0%} | {errors.mean():+.3f} | "
        f"{np.sqrt((errors**2).mean()):.3f} | {half:.3f} |"
    )


if __name__ == "__main__":
    raise SystemExit(main())
