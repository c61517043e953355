"""What is shown as similar, and to whom."""

import pytest
from django.utils import timezone

from microdb.micrographs.curation.dependants import dependants_sentence
from microdb.micrographs.models import DatasetVersionEntry, Micrograph, Rule
from microdb.micrographs.models import withheld as rules
from microdb.micrographs.services import set_data_bar, set_masked, set_scale
from microdb.micrographs.services.purging import purge_trash
from microdb.similar import search
from microdb.similar.models import Descriptor
from microdb.similar.search import Options, State, results_for, similar_to
from microdb.training.models import OutOfFold


@pytest.fixture
def row(drawn, place) -> list[Micrograph]:
    """Micrographs of different specimens and of one scale, each one farther from the first."""
    found = list(drawn.micrographs.order_by("filename"))
    for number, one in enumerate(found):
        place(one, (float(number), 0.0), trained_on=one.split == "train")
    return found


def names(trained, row, **options) -> list[str]:
    descriptor = Descriptor.objects.get(micrograph=row[0])
    return [one.micrograph.filename for one in similar_to(descriptor, trained.dataset, Options(**options))]


def test_the_nearest_come_first_and_the_micrograph_itself_is_none_of_them(trained, row):
    assert names(trained, row, most=3) == [one.filename for one in row[1:4]]


def test_its_own_specimen_and_copies_of_it_are_left_out_unless_asked_for(trained, row):
    Micrograph.objects.filter(pk=row[1].pk).update(specimen=row[0].specimen)
    Micrograph.objects.filter(pk=row[2].pk).update(pixel_sha256=row[0].pixel_sha256)
    assert names(trained, row, most=2) == [row[3].filename, row[4].filename]
    assert names(trained, row, most=2, other_specimens=False) == [row[1].filename, row[2].filename]


def test_a_micrograph_without_a_specimen_is_compared_with_others_that_have_none(trained, row):
    Micrograph.objects.filter(pk__in=[row[0].pk, row[1].pk]).update(specimen="")
    assert names(trained, row, most=1) == [row[1].filename]


def test_a_far_scale_is_left_out_unless_asked_for(trained, row, place):
    for one, scale in ((row[1], 20.5), (row[2], 4.9), (row[3], 19.5)):
        Micrograph.objects.filter(pk=one.pk).update(pixels_per_micrometre=scale)
        place(one, (1.0, 0.0))
    assert names(trained, row, most=1) == [row[3].filename]
    assert set(names(trained, row, most=3, near_scale=False)) == {one.filename for one in row[1:4]}


def test_without_scale_every_scale_is_near(trained, row, place):
    trained.config["scale_free"] = True
    trained.save()
    Micrograph.objects.filter(pk=row[1].pk).update(pixels_per_micrometre=1000)
    place(row[1], (1.0, 0.0))
    assert names(trained, row, most=1) == [row[1].filename]


def test_only_what_the_version_learned_from(trained, row):
    trained_on = [one.filename for one in row[1:] if one.split == "train"]
    assert names(trained, row, most=50, trained_on=True) == trained_on


@pytest.mark.parametrize(
    "columns", [{"trashed_at": timezone.now()}, {"scored_only": True}], ids=["in the trash", "only scored"]
)
def test_what_does_not_belong_to_the_dataset_is_left_out(trained, row, columns):
    Micrograph.objects.filter(pk=row[1].pk).update(**columns)
    assert names(trained, row, most=1) == [row[2].filename]


def test_what_is_withheld_from_the_person_is_left_out(trained, row, owner, monkeypatch):
    def keys(user):
        return Micrograph.objects.filter(pk=row[1].pk if user == owner else None).values("pk")

    monkeypatch.setattr(rules, "_RULES", [Rule(keys, "An open quiz asks for it.")])
    trained.dataset.viewer = owner
    assert names(trained, row, most=1) == [row[2].filename]


@pytest.mark.parametrize("change", ["scale", "data bar", "masked"])
def test_a_micrograph_that_changed_since_it_was_described_is_left_out_until_it_is_described_again(
    trained, row, place, owner, change
):
    one = row[1]
    if change == "scale":
        set_scale(micrographs=[one], pixels_per_micrometre=11, source="by_hand", by=owner)
    elif change == "data bar":
        set_data_bar(micrographs=[one], top=100, by=owner)
    else:
        set_masked(micrographs=[one], masked=[{"x": 0, "y": 0, "width": 20, "height": 20}], by=owner)
    assert names(trained, row, most=1) == [row[2].filename]
    place(one, (1.0, 0.0))
    assert names(trained, row, most=1) == [one.filename]


def test_however_many_may_not_be_shown_the_next_ones_are_found(trained, row, monkeypatch):
    monkeypatch.setattr(search, "FIRST", 1)
    monkeypatch.setattr(search, "GROWTH", 2)
    Micrograph.objects.filter(pk__in=[one.pk for one in row[1:6]]).update(trashed_at=timezone.now())
    assert names(trained, row, most=2) == [row[6].filename, row[7].filename]


def test_a_micrograph_that_was_not_described_waits_and_one_that_cannot_be_says_so(trained, drawn, place):
    one = drawn.micrographs.first()
    assert results_for(trained, one, drawn, Options()).state == State.WAITING
    place(one, None)
    assert results_for(trained, one, drawn, Options()).state == State.IMPOSSIBLE
    Micrograph.objects.filter(pk=one.pk).update(pixels_per_micrometre=None, scale_source="")
    one.refresh_from_db()
    assert results_for(trained, one, drawn, Options()).state == State.IMPOSSIBLE


def test_a_descriptor_keeps_no_micrograph_from_being_deleted(trained, row):
    one = Micrograph.objects.filter(pk=row[-1].pk)
    assert "descriptor" not in dependants_sentence(one)
    OutOfFold.objects.all().delete()
    DatasetVersionEntry.objects.all().delete()
    one.update(trashed_at="2026-01-01T00:00Z")
    assert purge_trash() == 1
    assert not Descriptor.objects.filter(micrograph=row[-1].pk).exists()
