"""Area fractions of which the counts are wrong in ways that were measured."""

import numpy as np
import pytest

from microdb.statistics import area_fraction, fraction_intervals

CLASSES, KNOWN, FIELDS = 3, 20, 6


def counted_alone(rng: np.random.Generator, position: int, least: float) -> np.ndarray:
    """The shares of the outcomes, the last none of these, in a micrograph of one class: at least so many are right."""
    right = rng.uniform(least, 1)
    others = rng.dirichlet(np.ones(CLASSES)) * (1 - right)
    return np.insert(others, position, right)


def specimen(rng: np.random.Generator, fractions: np.ndarray, least: float) -> np.ndarray:
    """Fields (n, o) of a specimen with these fractions, whose classes are counted in all fields alike."""
    rows = np.stack([counted_alone(rng, position, least) for position in range(CLASSES)])
    return rng.dirichlet(40 * fractions + 1e-3, size=FIELDS) @ rows


@pytest.mark.parametrize("least", [0.95, 0.6, 0.3])
def test_the_interval_covers_the_fraction_however_often_points_are_mistaken(least: float):
    rng = np.random.default_rng(0)
    covered, by_fields, widths = 0, 0, []
    for _ in range(150):
        known = [np.stack([counted_alone(rng, one, least) for _ in range(KNOWN)]) for one in range(CLASSES)]
        fractions = rng.permutation(np.append(rng.dirichlet([1, 1]), 0))  # two classes of the three
        shares = specimen(rng, fractions, least)
        position = int(rng.integers(CLASSES))
        found, alone = fraction_intervals(shares, known)[position], area_fraction(shares[:, position]).interval
        covered += found.low <= fractions[position] <= found.high
        by_fields += alone.low <= fractions[position] <= alone.high
        widths.append(found.high - found.low)
    assert covered >= 0.85 * 150  # 88 to 97 %, by share of mistaken points
    assert by_fields < covered
    assert np.mean(widths) < (0.4 if least > 0.9 else 1)


def test_classes_that_are_always_recognised_leave_the_spread_of_the_fields():
    shares = np.array([[0.2, 0.8, 0], [0.3, 0.7, 0], [0.4, 0.6, 0], [0.3, 0.7, 0], [0.25, 0.75, 0]])
    known = [np.tile([1.0, 0, 0], (500, 1)), np.tile([0, 1.0, 0], (500, 1))]
    found, alone = fraction_intervals(shares, known)[0], area_fraction(shares[:, 0]).interval
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high), abs=0.03)


def test_the_interval_is_the_same_each_time_and_one_class_takes_all():
    shares = np.array([[0.5, 0.5], [0.6, 0.4]])
    known = [np.array([[0.5, 0.5], [0.7, 0.3]])]
    (found,) = fraction_intervals(shares, known)
    assert (found.low, found.high) == (1, 1)
    assert fraction_intervals(shares, known) == [found]


def test_a_class_without_held_out_micrographs_may_have_been_counted_as_anything():
    shares = np.array([[0.5, 0.5, 0], [0.52, 0.48, 0], [0.49, 0.51, 0]])
    known = [np.tile([1.0, 0, 0], (20, 1)), np.zeros((0, 3))]
    first, second = fraction_intervals(shares, known)
    assert second.high > 0.9
    assert first.low < 0.1


def test_many_classes_are_narrowed_to_those_counted_alike():
    rng = np.random.default_rng(1)
    count = 40
    known = [np.tile(np.eye(count + 1)[one], (20, 1)) for one in range(count)]
    fractions = np.zeros(count + 1)
    fractions[[7, 30]] = 0.3, 0.7
    shares = np.clip(fractions + rng.normal(0, 0.02, (6, count + 1)) * (fractions > 0), 0, 1)
    found = fraction_intervals(shares, known)
    assert found[7].low <= 0.3 <= found[7].high
    assert found[7].high - found[7].low < 0.3
    assert found[3].high < 0.3
