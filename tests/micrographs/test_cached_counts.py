"""When numbers over a dataset are counted anew."""

from collections.abc import Callable

import pytest

from microdb.micrographs.gallery import cached_counts
from microdb.micrographs.gallery.cached_counts import cached, cached_with_lag, touch
from microdb.micrographs.models import Dataset

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the time on by seconds."""
    now = [1_000_000.0]
    monkeypatch.setattr(cached_counts.time, "time", lambda: now[0])

    def forward(seconds: float) -> None:
        now[0] += seconds

    return forward


@pytest.fixture
def count(clock: Callable[[float], None]) -> Callable[[float], Callable[[], int]]:
    """A count that takes so many seconds, and gives how often it was taken."""
    taken = [0]

    def taking(seconds: float) -> Callable[[], int]:
        def counted() -> int:
            clock(seconds)
            taken[0] += 1
            return taken[0]

        return counted

    return taking


@pytest.mark.parametrize("kept", [cached, cached_with_lag])
def test_quick_numbers_are_counted_once_and_again_after_a_change(dataset: Dataset, count, kept):
    assert [kept(dataset, "number", count(0.1)) for _ in range(2)] == [1, 1]
    touch([dataset.pk])
    assert kept(dataset, "number", count(0.1)) == 2


def test_exact_numbers_never_lag(dataset: Dataset, count):
    assert cached(dataset, "number", count(3)) == 1
    touch([dataset.pk])
    assert cached(dataset, "number", count(3)) == 2


def test_slow_numbers_lag_behind_a_change_for_twenty_times_as_long(dataset: Dataset, count, clock):
    assert cached_with_lag(dataset, "number", count(3)) == 1
    touch([dataset.pk])
    clock(59)
    assert cached_with_lag(dataset, "number", count(3)) == 1
    clock(2)
    assert cached_with_lag(dataset, "number", count(3)) == 2


def test_a_clock_set_back_does_not_keep_old_numbers(dataset: Dataset, count, clock):
    assert cached_with_lag(dataset, "number", count(3)) == 1
    touch([dataset.pk])
    clock(-3600)
    assert cached_with_lag(dataset, "number", count(3)) == 2


def test_viewers_from_whom_other_micrographs_are_withheld_share_no_lagging_numbers(dataset: Dataset, count):
    assert cached_with_lag(dataset, "number", count(3)) == 1
    dataset.withheld = frozenset({7})
    assert cached_with_lag(dataset, "number", count(3)) == 2
