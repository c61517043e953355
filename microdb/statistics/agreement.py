"""How far raters agree beyond chance, with intervals by bootstrap over questions.

Readers are not drawn: a reader drawn twice would agree with himself. Whoever is unsure names no class, so that answer
counts as missing here.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microdb.statistics.intervals import Interval, drawn_weights, percentiles

Counts = NDArray[np.float64]
"""Questions x options: how many raters chose each option."""
Weights = NDArray[np.float64]
"""Questions x samples: how often a question counts in each sample."""
REPLICATES = 2000


@dataclass(frozen=True)
class Agreement:
    """1 is perfect, 0 is chance; both None where chance alone would agree always."""

    value: float | None
    interval: Interval | None


def krippendorff_alpha(counts: Counts, *, seed: int = 0) -> Agreement:
    """Krippendorff's alpha for nominal data; copes with missing answers (K. Krippendorff, Computing Krippendorff's
    Alpha-Reliability, 2011). A question with fewer than two answers says nothing and is left out.
    """
    return _with_interval(counts[counts.sum(axis=1) >= 2], _alphas, seed)


def fleiss_kappa(counts: Counts, *, seed: int = 0) -> Agreement:
    """Fleiss' kappa of raters who all answered every question (J. L. Fleiss, Psychol. Bull. 76, 1971).

    Raises ValueError where questions have different numbers of answers.
    """
    if len(set(counts.sum(axis=1))) > 1:
        raise ValueError("Fleiss' kappa wants the same number of answers to every question.")
    return _with_interval(counts, _fleiss_kappas, seed)


def cohen_kappa(first: NDArray[np.int_], second: NDArray[np.int_], options: int, *, seed: int = 0) -> Agreement:
    """Cohen's kappa of two raters (J. Cohen, Educ. Psychol. Meas. 20, 1960): option indices per question, below 0
    for none; a question that one of them left out is left out.
    """
    both = (first >= 0) & (second >= 0)
    pairs = np.eye(options * options)[first[both] * options + second[both]]

    def kappas(pairs: Counts, weights: Weights) -> NDArray[np.float64]:
        tables = (pairs.T @ weights).reshape(options, options, -1) / weights.sum(axis=0)
        observed = np.einsum("iib->b", tables)
        return _beyond_chance(observed, (tables.sum(axis=0) * tables.sum(axis=1)).sum(axis=0))

    return _with_interval(pairs, kappas, seed)


def _alphas(counts: Counts, weights: Weights) -> NDArray[np.float64]:
    answers = counts.sum(axis=1)
    disagreeing = (answers**2 - (counts**2).sum(axis=1)) / (answers - 1)
    totals = counts.T @ weights
    total = totals.sum(axis=0)
    expected = (total**2 - (totals**2).sum(axis=0)) / (total - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(expected > 0, 1 - (disagreeing @ weights) / expected, np.nan))


def _fleiss_kappas(counts: Counts, weights: Weights) -> NDArray[np.float64]:
    raters = counts[0].sum()
    if raters < 2:
        return np.full(weights.shape[1], np.nan)
    agreeing = ((counts**2).sum(axis=1) - raters) / (raters * (raters - 1))
    questions = weights.sum(axis=0)
    shares = counts.T @ weights / (raters * questions)
    return _beyond_chance(agreeing @ weights / questions, (shares**2).sum(axis=0))


def _beyond_chance(observed: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    sure = 1 - expected < 1e-12
    return np.asarray(np.where(sure, np.nan, (observed - expected) / np.where(sure, 1, 1 - expected)))


def _with_interval(units: Counts, statistic: Callable[[Counts, Weights], NDArray[np.float64]], seed: int) -> Agreement:
    if not len(units):
        return Agreement(None, None)
    value = float(statistic(units, np.ones((len(units), 1)))[0])
    if np.isnan(value):
        return Agreement(None, None)
    drawn = statistic(units, drawn_weights(len(units), np.random.default_rng(seed), REPLICATES))
    return Agreement(value, percentiles(drawn[~np.isnan(drawn)], 0.95))
