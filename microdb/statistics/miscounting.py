"""Area fractions when points are taken for other classes: which true fractions agree with what was counted."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from microdb.statistics.bootstrap import percentile_interval
from microdb.statistics.intervals import Interval

SIMULATED, KEPT = 20_000, 200
"""Specimens that are simulated, and those most like the measured one, whose true fractions make the interval."""
CANDIDATES = 6
"""Classes that a simulated specimen may hold: those whose micrographs were counted most like the specimen."""
MOST_CLASSES = 3
"""Classes in one simulated specimen, at most."""

Shares = NDArray[np.float64]


def fraction_intervals(shares: Shares, known: Sequence[Shares], *, seed: int = 0) -> list[Interval]:
    """The 95 % interval of the true area fraction of each of k classes, given the shares (n, o) of the outcomes in each
    of n fields, two or more, and, for each class, those of m micrographs that show it alone (m, o), which nothing was
    fitted to.

    Approximate Bayesian computation by rejection (S. Tavaré et al., Genetics 145, 1997; M. A. Beaumont et al., Genetics
    162, 2002). A simulated specimen holds one to three classes in random fractions. Each is counted as one of its known
    micrographs is, or, with the probability 1 / (2 m + 2), as any micrograph. The spread of the n fields is added. The
    interval holds 95 % of the true fractions of the simulated specimens whose counts are nearest to the measured ones.
    """
    random, mean = np.random.default_rng(seed), shares.mean(0)
    likeness = np.array([np.minimum(rows, mean).sum(1).max(initial=0.0) for rows in known])
    candidates = np.sort(np.argsort(-likeness, kind="stable")[:CANDIDATES])
    fractions = _random_fractions(random, len(candidates))
    counts = _sampling_errors(random, _joined(shares, candidates))
    anything = _joined(np.concatenate(list(known)), candidates)
    for fraction, position in zip(fractions.T, candidates, strict=True):
        holders = np.flatnonzero(fraction)
        own = _joined(known[position], candidates)
        counts[holders] += fraction[holders, None] * _counted(random, own, anything, len(holders))
    nearest = np.abs(counts - _joined(mean[None], candidates)).sum(1).argsort(kind="stable")[:KEPT]
    found = dict(zip(candidates.tolist(), fractions[nearest].T, strict=True))
    return [percentile_interval(found.get(position, np.zeros(KEPT))) for position in range(len(known))]


def _joined(shares: Shares, candidates: NDArray[np.int64]) -> Shares:
    """The shares (n, o) of the candidates, of none of these, and of all other classes together."""
    named = np.append(candidates, shares.shape[1] - 1)
    return np.column_stack((shares[:, named], np.delete(shares, named, axis=1).sum(1)))


def _sampling_errors(random: np.random.Generator, shares: Shares) -> Shares:
    """Errors (SIMULATED, o) of the mean over the fields, after the multivariate t distribution."""
    fields, outcomes = shares.shape
    covariance = np.cov(shares.T) / fields
    normal = random.multivariate_normal(np.zeros(outcomes), covariance, SIMULATED, method="svd")
    return np.asarray(normal * np.sqrt((fields - 1) / random.chisquare(fields - 1, (SIMULATED, 1))))


def _random_fractions(random: np.random.Generator, classes: int) -> Shares:
    """Fractions (SIMULATED, classes), of up to ``MOST_CLASSES`` classes chosen at random, each split equally likely."""
    most = min(MOST_CLASSES, classes)
    held = random.integers(1, most + 1, SIMULATED)
    parts = random.exponential(size=(SIMULATED, most)) * (np.arange(most) < held[:, None])
    fractions = np.zeros((SIMULATED, classes))
    chosen = random.random((SIMULATED, classes)).argsort(1)[:, :most]
    np.put_along_axis(fractions, chosen, parts / parts.sum(1, keepdims=True), 1)
    return fractions


def _counted(random: np.random.Generator, own: Shares, anything: Shares, specimens: int) -> Shares:
    """How the class is counted in so many simulated specimens, (specimens, o)."""
    rows = anything[random.integers(len(anything), size=specimens)]
    if len(own):
        like = random.random(specimens) >= 1 / (2 * len(own) + 2)
        first, second = own[random.integers(len(own), size=(2, like.sum()))]
        weight = random.random((like.sum(), 1)) ** 2
        rows[like] = first + weight * (second - first)
    return rows
