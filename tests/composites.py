"""Composite micrographs of two materials whose area fraction is known, and specimens of several such fields."""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom

from classifier import NONE_OF_THESE, Classifier
from microdb.statistics import AreaFraction, Interval, area_fraction, fraction_intervals
from microdb.training.point_shares import known_shares
from microdb.training.probability_planes import points_of

Picture = NDArray[np.float64]
GRAY, CONTRAST = 128, 40
FINENESS = 8
"""Points of the noise within its standard deviation."""


@dataclass(frozen=True)
class Pair:
    """Two materials at one scale; ``views`` draws a field of each, standardised and of the same shape."""

    labels: tuple[str, str]
    pixels_per_micrometre: float
    views: Callable[[np.random.Generator], tuple[Picture, Picture]]


def standardised(gray: NDArray[np.generic]) -> Picture:
    """With mean 0 and deviation 1, so that brightness does not tell two materials apart."""
    values = gray.astype(np.float64)
    return (values - values.mean()) / values.std()


def regions(rng: np.random.Generator, shape: tuple[int, int], fraction: float, width: float) -> NDArray[np.bool_]:
    """Irregular regions about ``width`` pixels wide, which cover ``fraction`` of an endless plane.

    A field shows more or less of it by chance: Gaussian noise, smoothed, below the quantile of the normal distribution.
    """
    sigma = width / pi
    step = max(1, int(sigma / FINENESS))  # noise this smooth needs no finer grid
    rows, columns = (length // step + 2 for length in shape)
    margin, narrow = 4 * FINENESS, sigma / step
    noise = rng.normal(size=(rows + 2 * margin, columns + 2 * margin))
    coarse = gaussian_filter(noise, narrow)[margin:-margin, margin:-margin] * 2 * narrow * sqrt(pi)
    smooth = zoom(coarse, step, order=1)[: shape[0], : shape[1]]
    return np.asarray(smooth < NormalDist().inv_cdf(fraction))


def composite(rng: np.random.Generator, pair: Pair, fraction: float, width: float) -> NDArray[np.uint8]:
    """A field that shows the first material of the pair in ``fraction`` of the specimen, the second in the rest."""
    first, second = pair.views(rng)
    mixed = np.where(regions(rng, first.shape, fraction, width), first, second)
    return np.asarray((GRAY + CONTRAST * mixed).clip(0, 255), np.uint8)


def counted(classifier: Classifier, picture: NDArray[np.uint8], pixels_per_micrometre: float) -> dict[str, float]:
    """The share of points of each outcome, as a score keeps them."""
    found = classifier.score(picture, pixels_per_micrometre, saliency=True).saliency
    assert found is not None
    points = points_of(found, [*classifier.classes_, NONE_OF_THESE])
    return {name: number / sum(points.values()) for name, number in points.items()}


@dataclass(frozen=True)
class Trial:
    """A specimen with a known fraction of one class, what was counted, and the interval with the model's errors."""

    labels: tuple[str, str]
    width: float
    truth: float
    found: AreaFraction
    interval: Interval

    @property
    def covers(self) -> bool:
        return self.interval.low <= self.truth <= self.interval.high

    @property
    def covers_by_fields(self) -> bool:
        """Whether the standard's interval does, which knows of no errors."""
        interval = self.found.interval
        return interval is not None and interval.low <= self.truth <= interval.high


def trial(
    classifier: Classifier, rng: np.random.Generator, pair: Pair, *, fraction: float, width: float, fields: int
) -> Trial:
    """A specimen of so many fields, counted for the first material of the pair."""
    names = [*classifier.classes_, NONE_OF_THESE]
    position = names.index(pair.labels[0])
    counts = [
        counted(classifier, composite(rng, pair, fraction, width), pair.pixels_per_micrometre) for _ in range(fields)
    ]
    shares = np.array([[count[name] for name in names] for count in counts])
    interval = fraction_intervals(shares, known_shares(classifier.metrics_, names))[position]
    return Trial(pair.labels, width, fraction, area_fraction(shares[:, position]), interval)
