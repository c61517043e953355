"""Random choices that all structures make: sizes relative to the picture, and pairs of gray levels."""

import numpy as np

from classifier.synthetic.field import View


def length(view: View, rng: np.random.Generator, smallest: float = 0.02, largest: float = 0.2) -> float:
    """A length between two shares of the picture's height, log-uniform."""
    share = float(np.exp(rng.uniform(np.log(smallest), np.log(largest))))
    return share * view.extent[1]


def levels(rng: np.random.Generator) -> tuple[float, float]:
    """The brightness of two phases, in random order."""
    dark, bright = rng.uniform(0.15, 0.45), rng.uniform(0.55, 0.9)
    return (dark, bright) if rng.random() < 0.5 else (bright, dark)
