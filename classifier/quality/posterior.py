"""Calibration of a micrograph's class probabilities, on held-out specimens."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.arrays import Floats

EXPONENTS = np.linspace(0.5, 3, 51)
SMALLEST = 1e-12


@dataclass(frozen=True)
class Calibration:
    """How to correct an average over crops: raise it to `exponent`, and never claim more than `held_out` supports.

    Crops of one micrograph share their errors, so their average is less sure than it should be where most agree. And
    after n micrographs without a mistake the next one is wrong with a probability of about 1 / (n + 2), Laplace's rule
    of succession, however sure the average is.
    """

    exponent: float = 1.0
    held_out: int = 0

    def apply(self, posterior: Floats) -> Floats:
        """Calibrated posteriors (..., k), each from an average over crops (..., k)."""
        powers = np.maximum(posterior, SMALLEST) ** self.exponent
        sharpened: Floats = powers / powers.sum(-1, keepdims=True)
        classes = posterior.shape[-1]
        if not self.held_out or classes < 2:
            return sharpened
        shared = classes / ((classes - 1) * (self.held_out + 2))
        mixed: Floats = (1 - shared) * sharpened + shared / classes
        return mixed

    @classmethod
    def fit(cls, posteriors: Floats, labels: Sequence[int]) -> "Calibration":
        """The exponent with the largest likelihood of the labels (n,) of held-out micrographs, posteriors (n, k)."""

        def loss(exponent: float) -> float:
            right = cls(exponent, len(labels)).apply(posteriors)[np.arange(len(labels)), labels]
            return -float(np.log(right).sum())

        return cls(min(map(float, EXPONENTS), key=loss), len(labels))
