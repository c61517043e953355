"""Pages by place: each row once, in order, whatever is added or goes meanwhile."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from microdb.keyset import Keyset, finite, moment
from microdb.micrographs.models import Dataset, Micrograph

SIZE = 4
PLACES = {
    "by time": Keyset("created_at", moment, downwards=True),
    "by scale": Keyset("pixels_per_micrometre", finite),
}


def added(dataset: Dataset, number: int, scale: float) -> Micrograph:
    micrograph = Micrograph.objects.create(
        dataset=dataset, filename=f"{number}.png", sha256=f"{number:064d}", width=1, height=1, bit_depth=8,
        pixels_per_micrometre=scale, scale_source="by_hand",
    )  # fmt: skip
    Micrograph.objects.filter(pk=micrograph.pk).update(created_at=timezone.now() - timedelta(days=scale))
    return micrograph


@pytest.fixture
def many(dataset: Dataset) -> list[Micrograph]:
    """Of which several share a place in the order, but for their key."""
    chance = random.Random(1)
    return [added(dataset, number, float(chance.randint(1, 5))) for number in range(23)]


@pytest.mark.parametrize("order", PLACES)
def test_next_and_previous_pages_show_each_row_once_in_order(order: str, many, dataset: Dataset):
    places, rows = PLACES[order], dataset.micrographs.all()
    page = places.page(rows, {}, SIZE)
    assert not page.before
    shown, pages = list(page), [page]
    while page.after:
        page = places.page(rows, {"after": page.after}, SIZE)
        shown += page.object_list
        pages.append(page)
    assert shown == list(places.ordered(rows))
    assert len(shown) == 23
    for earlier in reversed(pages[:-1]):
        page = places.page(rows, {"before": page.before}, SIZE)
        assert page.object_list == earlier.object_list
    assert not page.before


@pytest.mark.parametrize("order", PLACES)
def test_what_is_added_meanwhile_neither_repeats_nor_hides_a_row(order: str, many, dataset: Dataset):
    places, rows = PLACES[order], dataset.micrographs.all()
    page = places.page(rows, {}, SIZE)
    shown = list(page)
    for number in range(100, 200):
        added(dataset, number, number % 6 + 0.5)
        if not page.after:
            break
        page = places.page(rows, {"after": page.after}, SIZE)
        shown += page.object_list
    assert [one for one in shown if one in set(many)] == list(places.ordered(rows.filter(pk__in=[m.pk for m in many])))
    assert len(shown) == len(set(shown))


def test_where_the_rest_has_gone_the_last_rows_are_shown(many, dataset: Dataset):
    places, rows = PLACES["by scale"], dataset.micrographs.all()
    place = places.page(rows, {}, 20).after
    keys = [one.pk for one in places.ordered(rows)[20:]]
    rows = rows.exclude(pk__in=keys)
    page = places.page(rows, {"after": place}, SIZE)
    assert page.object_list == list(places.ordered(rows))[-SIZE:]
    assert page.before
    assert not page.after


@pytest.mark.parametrize(
    "wrong", ["", "~", "1", "nan~80000000-0000-4000-8000-000000000000", "1~x", "x" * 5000, "1~\x00"]
)
def test_what_is_no_place_shows_the_first_page(wrong: str, many, dataset: Dataset):
    places, rows = PLACES["by scale"], dataset.micrographs.all()
    assert places.page(rows, {"after": wrong}, SIZE).object_list == list(places.ordered(rows)[:SIZE])
