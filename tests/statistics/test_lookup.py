"""The look-up from one value to a class, against the same computed row by row."""

from collections import Counter

import numpy as np
import pytest

from microdb import statistics


def drawn(seed: int, rows: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values that tell the class of two rows in three; 40 groups, each with one value more often than others."""
    random = np.random.default_rng(seed)
    groups = random.integers(0, 40, rows)
    classes = groups % 3
    values = np.where(random.random(rows) < 0.67, classes, random.integers(0, 6, rows))
    return values, classes, groups


def slow_accuracy(values: np.ndarray, classes: np.ndarray, groups: np.ndarray) -> float:
    shares = Counter(classes.tolist())
    right = 0
    for value, label, group in zip(values, classes, groups, strict=True):
        votes = Counter(classes[(values == value) & (groups != group)].tolist())
        best = max(sorted(shares), key=lambda one: (votes[one], shares[one]))
        right += best == label
    return right / len(values)


@pytest.mark.parametrize("seed", range(4))
def test_each_row_is_predicted_from_the_other_groups(seed: int) -> None:
    rows = drawn(seed)
    found = statistics.leave_one_group_out(*rows)
    assert found.accuracy == pytest.approx(slow_accuracy(*rows))
    assert found.majority == max(Counter(rows[1].tolist()).values()) / 300
    assert (found.total, found.groups) == (300, len(set(rows[2].tolist())))
    assert found.interval.low < found.accuracy < found.interval.high


def test_a_value_that_only_one_group_has_tells_nothing() -> None:
    groups = np.repeat(np.arange(20), 5)
    found = statistics.leave_one_group_out(groups, groups % 2, groups)
    assert found.accuracy == found.majority == 0.5


def test_a_random_value_is_no_better_than_the_commonest_class() -> None:
    random = np.random.default_rng(0)
    values, classes, groups = random.integers(0, 5, 2000), random.integers(0, 2, 2000), np.arange(2000)
    found = statistics.leave_one_group_out(values, classes, groups)
    assert found.interval.low < found.majority


def test_no_rows_are_refused() -> None:
    empty = np.array([], np.int64)
    with pytest.raises(ValueError, match="at least one row"):
        statistics.leave_one_group_out(empty, empty, empty)


def test_twenty_thousand_rows_take_less_than_a_second() -> None:
    import time

    random = np.random.default_rng(0)
    rows = random.integers(0, 5000, 20_000), random.integers(0, 30, 20_000), random.integers(0, 8000, 20_000)
    start = time.process_time()
    statistics.leave_one_group_out(*rows)
    assert time.process_time() - start < 1
