"""Agreement of raters beyond chance, with intervals by bootstrap over questions.

Readers are not resampled: a reader drawn twice would agree with themselves. An unsure rater names no class, so the
answer counts as missing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microdb.statistics.bootstrap import percentile_interval, resampling_weights
from microdb.statistics.intervals import Interval, wilson_interval

Counts = NDArray[np.float64]
"""Questions x options: how many raters chose each option."""
Weights = NDArray[np.float64]
"""Questions x replicates: how often a question occurs in each bootstrap sample."""
REPLICATES = 2000
LANDIS_KOCH = (
    (0.8, "almost perfect"),
    (0.6, "substantial"),
    (0.4, "moderate"),
    (0.2, "fair"),
    (0.0, "slight"),
)
"""The kappa above which an agreement has this name."""


@dataclass(frozen=True)
class Agreement:
    """1 is perfect, 0 is chance; both None where chance alone would agree always."""

    value: float | None
    interval: Interval | None


def krippendorff_alpha(counts: Counts, *, seed: int = 0) -> Agreement:
    """Krippendorff's alpha for nominal data, also with missing answers (K. Krippendorff, Computing Krippendorff's
    Alpha-Reliability, 2011). A question with fewer than two answers is left out.
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
    """Cohen's kappa of two raters, whose answers are option indices per question, below 0 for none.

    A question that one of them left out is left out.
    """
    both = (first >= 0) & (second >= 0)
    pairs = np.eye(options * options)[first[both] * options + second[both]]

    def kappas(pairs: Counts, weights: Weights) -> NDArray[np.float64]:
        return _cohen_kappas((pairs.T @ weights).reshape(options, options, -1))

    return _with_interval(pairs, kappas, seed)


def kappa_of_table(table: NDArray[np.float64]) -> float | None:
    """Cohen's kappa of a contingency table (options x options); None without answers or where chance always agrees."""
    if not table.sum():
        return None
    kappa = float(_cohen_kappas(table[:, :, None])[0])
    return None if np.isnan(kappa) else kappa


def landis_koch(kappa: float) -> str:
    """The words of Landis and Koch for a kappa (Biometrics 33, 1977)."""
    return next((words for least, words in LANDIS_KOCH if kappa > least), "poor")


def _cohen_kappas(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cohen's kappa (Educ. Psychol. Meas. 20, 1960) of contingency tables (options x options x replicates)."""
    shares = tables / tables.sum(axis=(0, 1))
    return _beyond_chance(np.einsum("iib->b", shares), (shares.sum(axis=0) * shares.sum(axis=1)).sum(axis=0))


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
    certain = 1 - expected < 1e-12
    return np.asarray(np.where(certain, np.nan, (observed - expected) / np.where(certain, 1, 1 - expected)))


def _with_interval(units: Counts, statistic: Callable[[Counts, Weights], NDArray[np.float64]], seed: int) -> Agreement:
    if not len(units):
        return Agreement(None, None)
    value = float(statistic(units, np.ones((len(units), 1)))[0])
    if np.isnan(value):
        return Agreement(None, None)
    if value > 1 - 1e-12:
        return Agreement(1.0, _interval_of_perfect_agreement(units))
    replicates = statistic(units, resampling_weights(len(units), np.random.default_rng(seed), REPLICATES))
    return Agreement(value, percentile_interval(replicates[~np.isnan(replicates)]))


def _interval_of_perfect_agreement(units: Counts) -> Interval:
    """No resampling finds a disagreement where there is none; Wilson's interval says how many there could be."""
    shares = units.sum(axis=0) / units.sum()
    by_chance = 1 - float((shares**2).sum())
    disagreeing = 1 - wilson_interval(len(units), len(units)).low
    return Interval(1 - disagreeing / by_chance, 1.0)
