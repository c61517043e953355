"""Agreement against published examples, statsmodels and slow recomputation."""

from itertools import permutations

import numpy as np
import pytest
from statsmodels.stats import inter_rater

from microdb import statistics

KRIPPENDORFF_2011 = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""
"""Four observers and twelve units: the nominal example of Computing Krippendorff's Alpha-Reliability; alpha 0.743."""

FLEISS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
"""Fourteen raters and ten subjects: the example of Wikipedia's article on Fleiss' kappa; kappa 0.210."""


def counts_of(text: str, values: str) -> np.ndarray:
    """Questions x values from one line per rater."""
    columns = zip(*[line.split() for line in text.strip().splitlines()], strict=True)
    return np.array([[column.count(value) for value in values.split()] for column in columns], dtype=float)


def test_alpha_of_krippendorffs_example_with_missing_answers_is_the_published_one():
    assert statistics.krippendorff_alpha(counts_of(KRIPPENDORFF_2011, "1 2 3 4 5")).value == pytest.approx(
        0.743, abs=5e-4
    )


def test_alpha_of_krippendorffs_two_observer_examples_is_the_published_one():
    binary = counts_of("0 1 0 0 0 0 0 0 1 0\n1 1 1 0 0 1 0 0 0 0", "0 1")
    assert statistics.krippendorff_alpha(binary).value == pytest.approx(0.095, abs=5e-4)
    nominal = counts_of("a a b b d c c c e d d a\nb a b b b c c c e d d d", "a b c d e")
    assert statistics.krippendorff_alpha(nominal).value == pytest.approx(0.692, abs=5e-4)


def test_alpha_is_one_minus_the_disagreement_of_pairs_over_that_of_all_pairs():
    counts = np.random.default_rng(0).integers(0, 4, (9, 3)).astype(float)
    units = [[value for value, n in enumerate(row) for _ in range(int(n))] for row in counts]
    units = [unit for unit in units if len(unit) > 1]
    observed = sum(sum(a != b for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units)
    everything = [value for unit in units for value in unit]
    expected = sum(a != b for a, b in permutations(everything, 2)) / (len(everything) - 1)
    assert statistics.krippendorff_alpha(counts).value == pytest.approx(1 - observed / expected)


def test_fleiss_kappa_of_the_published_example_and_of_statsmodels():
    counts = np.array(FLEISS, dtype=float)
    assert statistics.fleiss_kappa(counts).value == pytest.approx(0.210, abs=5e-4)
    assert statistics.fleiss_kappa(counts).value == pytest.approx(inter_rater.fleiss_kappa(counts))


def test_fleiss_kappa_refuses_missing_answers():
    with pytest.raises(ValueError, match="same number of answers"):
        statistics.fleiss_kappa(np.array([[2.0, 1.0], [1.0, 1.0]]))


def test_cohen_kappa_agrees_with_statsmodels_and_leaves_skipped_questions_out():
    random = np.random.default_rng(1)
    first, second = random.integers(0, 3, 40), random.integers(0, 3, 40)
    second[:25] = first[:25]
    table = np.zeros((3, 3))
    np.add.at(table, (first, second), 1)
    assert statistics.cohen_kappa(first, second, 3).value == pytest.approx(inter_rater.cohens_kappa(table).kappa)
    with_gap = statistics.cohen_kappa(np.append(first, [-1, 2]), np.append(second, [1, -2]), 3)
    assert with_gap.value == statistics.cohen_kappa(first, second, 3).value


def test_where_chance_alone_agrees_always_there_is_no_value():
    same = np.zeros((6, 3))
    same[:, 1] = 4
    assert statistics.krippendorff_alpha(same).value is None
    assert statistics.fleiss_kappa(same).value is None
    assert statistics.cohen_kappa(np.ones(5, dtype=int), np.ones(5, dtype=int), 3).value is None
    assert statistics.krippendorff_alpha(np.zeros((4, 2))).value is None


def test_the_interval_agrees_with_a_bootstrap_over_questions_drawn_one_by_one():
    counts = np.array(FLEISS, dtype=float)
    random, values = np.random.default_rng(5), []
    for _ in range(2000):
        drawn = counts[random.integers(0, len(counts), len(counts))]
        values.append(inter_rater.fleiss_kappa(drawn))
    interval = statistics.fleiss_kappa(counts).interval
    assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])), abs=0.02)


def test_the_kappa_of_a_table_is_the_kappa_of_its_pairs():
    random = np.random.default_rng(2)
    first, second = random.integers(0, 4, 60), random.integers(0, 4, 60)
    second[:30] = first[:30]
    table = np.zeros((4, 4))
    np.add.at(table, (first, second), 1)
    assert statistics.kappa_of_table(table) == pytest.approx(statistics.cohen_kappa(first, second, 4).value)
    assert statistics.kappa_of_table(np.zeros((4, 4))) is None
    assert statistics.kappa_of_table(np.diag([5.0, 0.0])) is None


@pytest.mark.parametrize(
    ("kappa", "words"),
    [(1.0, "almost perfect"), (0.8, "substantial"), (0.5, "moderate"), (0.21, "fair"), (0.1, "slight"), (0.0, "poor")],
)
def test_landis_and_kochs_words(kappa, words):
    assert statistics.landis_koch(kappa) == words


def test_perfect_agreement_has_an_interval_with_a_width():
    counts = np.repeat([[5.0, 0.0], [0.0, 5.0]], 20, axis=0)
    for found in (statistics.krippendorff_alpha(counts), statistics.fleiss_kappa(counts)):
        disagreeing = 1 - statistics.wilson_interval(40, 40).low
        assert found.value == 1.0
        assert (found.interval.low, found.interval.high) == pytest.approx((1 - disagreeing / 0.5, 1.0))
