"""How often the interval of an area fraction covers the truth, on composites of drawn micrographs."""

import numpy as np
import pytest

from classifier import Classifier, Config, Sample, draw_micrograph
from tests.composites import Pair, Picture, standardised, trial

CLASSES = ("pearlite", "spheroidite")
SCALE = 12.0
TRAINED_ON, UNSEEN = range(8), range(100, 106)
"""Specimens."""
HEIGHT, WIDTH = 384, 512
SPECIMENS, FIELDS, REGIONS = 100, 6, 300.0
CONFIG = Config().changed(pretrained={"background": 16})


def drawn(name: str, specimen: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    return draw_micrograph(
        name, pixels_per_micrometre=SCALE, seed=specimen, specimen=specimen, width=width, height=height
    )


def pair_of(first: Picture, second: Picture, labels: tuple[str, str]) -> Pair:
    """Fields are parts of two large pictures, at places of their own, mirrored at random."""

    def view(rng: np.random.Generator, whole: Picture) -> Picture:
        top, left = (rng.integers(0, have - want) for have, want in zip(whole.shape, (HEIGHT, WIDTH), strict=True))
        part = whole[top : top + HEIGHT, left : left + WIDTH]
        return standardised(part[:: rng.choice([-1, 1]), :: rng.choice([-1, 1])])

    return Pair(labels, SCALE, lambda rng: (view(rng, first), view(rng, second)))


@pytest.mark.slow
def test_the_interval_covers_the_known_fraction_of_90_to_98_percent_of_the_specimens():
    samples = [Sample(drawn(name, one), name, SCALE, f"{name}-{one}") for name in CLASSES for one in TRAINED_ON]
    classifier = Classifier(CONFIG, seed=1).fit(samples)
    large = {name: [standardised(drawn(name, one, 2 * WIDTH, 2 * HEIGHT)) for one in UNSEEN] for name in CLASSES}
    rng = np.random.default_rng(3)
    trials = []
    for number in range(SPECIMENS):
        labels = CLASSES if number % 2 else CLASSES[::-1]
        first, second = (large[name][rng.integers(len(UNSEEN))] for name in labels)
        pair = pair_of(first, second, labels)
        trials.append(trial(classifier, rng, pair, fraction=rng.uniform(0.15, 0.85), width=REGIONS, fields=FIELDS))
    covered = np.mean([one.covers for one in trials])
    errors = np.array([one.found.mean - one.truth for one in trials])
    half = np.mean([one.found.half_width for one in trials])
    print(f"covered {covered:.0%}, mean error {errors.mean():+.3f}, rms {errors.std():.3f}, half width {half:.3f}")
    assert 0.90 <= covered <= 0.98
