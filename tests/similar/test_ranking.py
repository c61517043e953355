"""Both ways to rank give what a slow and obvious computation gives."""

import hashlib

import numpy as np
import pytest

from microdb.micrographs.models import Micrograph, ScaleSource
from microdb.similar import ranking
from microdb.similar.models import Describing, Descriptor
from microdb.similar.ranking import Wanted, exact, nearest
from microdb.similar.services import Described, store_descriptors

COUNT, WIDTH = 300, 7
SCALES = (5.0, 20.0)
PLACE = np.full(WIDTH, 0.25, np.float32)


@pytest.fixture(params=["pgvector", "here"])
def backend(request, monkeypatch) -> None:
    """Each way to rank; the other one must not be asked."""
    if request.param == "pgvector":
        request.getfixturevalue("pgvector")
    other = {"pgvector": "ranked_here", "here": "ranked_by_database"}[request.param]
    monkeypatch.setattr(ranking, other, lambda *_: pytest.fail("the other way to rank was taken"))


@pytest.fixture
def vectors(trained) -> dict[int, Descriptor]:
    """Descriptors at random places and scales, by key; some micrographs could not be described.

    Half-precision numbers hold the places exactly.
    """
    random = np.random.default_rng(0)
    made = [
        Micrograph(
            dataset=trained.dataset,
            filename=f"{number}.png",
            sha256=hashlib.sha256(b"%d" % number).hexdigest(),
            file_format="PNG",
            width=64,
            height=48,
            bit_depth=8,
            state=Micrograph.State.READY,
            pixels_per_micrometre=float(random.uniform(1, 40)),
            scale_source=ScaleSource.BY_HAND,
        )
        for number in range(COUNT)
    ]
    Micrograph.objects.bulk_create(made)
    described = [
        Described(
            one, None if number % 50 == 0 else ((32 * random.normal(size=WIDTH)).round() / 32).tolist(), number % 3 == 0
        )
        for number, one in enumerate(made)
    ]
    store_descriptors(model_version=trained, described=described)
    return Descriptor.objects.exclude(vector=None).in_bulk()


def by_hand(rows: dict[int, Descriptor], wanted: Wanted) -> list[int]:
    def distance(row: Descriptor) -> tuple[float, int]:
        return sum((a - b) ** 2 for a, b in zip(row.vector, wanted.vector.tolist(), strict=True)), row.pk

    chosen = [
        row
        for row in rows.values()
        if (row.trained_on or not wanted.trained_on)
        and (wanted.scales is None or wanted.scales[0] <= row.pixels_per_micrometre <= wanted.scales[1])
    ]
    return [row.pk for row in sorted(chosen, key=distance)]


@pytest.mark.parametrize("scales", [None, SCALES])
@pytest.mark.parametrize("trained_on", [False, True])
@pytest.mark.parametrize("most", [5, COUNT])
def test_the_nearest_come_first(backend, trained, vectors, scales, trained_on, most):
    wanted = Wanted(trained.pk, PLACE, scales, trained_on)
    hits = nearest(wanted, most)
    expected = by_hand(vectors, wanted)
    assert [hit.descriptor for hit in hits] == expected[:most]
    apart = np.array(vectors[expected[0]].vector) - wanted.vector
    assert hits[0].distance == pytest.approx(np.sqrt((apart**2).sum()), rel=1e-2)


def test_what_was_described_anew_is_found_at_its_new_place(backend, trained, vectors):
    wanted = Wanted(trained.pk, PLACE)
    farthest = by_hand(vectors, wanted)[-1]
    assert nearest(wanted, 1)[0].descriptor != farthest
    moved = vectors[farthest]
    store_descriptors(
        model_version=trained, described=[Described(moved.micrograph, wanted.vector.tolist(), moved.trained_on)]
    )
    (hit,) = nearest(wanted, 1)
    assert (hit.descriptor, hit.distance) == (farthest, pytest.approx(0, abs=1e-2))
    assert len(nearest(wanted, 2 * COUNT)) == len(vectors)


def test_descriptors_of_another_version_are_not_compared(backend, trained, vectors):
    wanted = Wanted(trained.pk + 1, PLACE)
    assert nearest(wanted, 5) == []


def test_a_process_reads_a_descriptor_once(trained, vectors, django_assert_num_queries):
    wanted = Wanted(trained.pk, PLACE)
    exact.ranked_here(wanted, 5)
    with django_assert_num_queries(1):  # whether there is news
        exact.ranked_here(wanted, 5)


def test_a_process_keeps_no_more_than_it_may(trained, vectors, monkeypatch):
    monkeypatch.setattr(exact, "MOST_BYTES", 1)
    exact.ranked_here(Wanted(trained.pk, np.zeros(WIDTH, np.float32)), 5)
    exact.ranked_here(Wanted(trained.pk + 1, np.zeros(WIDTH, np.float32)), 5)
    assert list(exact._kept) == [trained.pk + 1]


def test_each_writing_has_a_revision_of_its_own(trained, vectors):
    (row, *_) = vectors.values()
    before = Describing.objects.get(pk=trained.pk).revision
    store_descriptors(model_version=trained, described=[Described(row.micrograph, row.vector, row.trained_on)])
    assert Describing.objects.get(pk=trained.pk).revision == before + 1
    assert Descriptor.objects.get(pk=row.pk).revision == before + 1
