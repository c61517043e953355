"""A sample dataset of one's own: asked for by a click, drawn by a worker."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from microdb.accounts.models import User
from microdb.front import sample, tasks
from microdb.front.models import Sample
from microdb.front.sample import DEMO_SLUG, Drawing, drawings, make_own_sample, make_sample
from microdb.micrographs.models import NONE_OF_THESE, Dataset, Micrograph, Split

FEW = [
    Drawing("pearlite", 0, Split.TRAIN, 0),
    Drawing("foam", 5, Split.QUIZ, 1),
    Drawing("pearlite", 1, Split.TRAIN, 2),
]


@pytest.fixture
def few(monkeypatch, settings, tmp_path) -> None:
    """A sample of three micrographs, two of them in one step."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(sample, "drawings", lambda: FEW)
    monkeypatch.setattr(sample, "DRAWN_AT_ONCE", 2)


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """The keys of the messages to the worker."""
    found: list[int] = []
    monkeypatch.setattr(tasks.draw_sample, "delay", found.append)
    monkeypatch.setattr(tasks.draw_sample, "delay_on_commit", found.append)
    return found


def test_one_click_makes_a_dataset_that_the_person_owns(client: Client, stranger: User, sent: list[int]) -> None:
    client.force_login(stranger)
    answer = client.post("/sample/")
    dataset = Dataset.objects.get(created_by=stranger)
    assert answer.url == f"/datasets/{dataset.slug}/"
    assert sent == [dataset.pk]
    assert set(dataset.material_classes.values_list("name", flat=True)) == set(sample.CLASSES)
    assert not dataset.public
    assert "being drawn" in client.get(answer.url).text


def test_another_click_leads_to_the_same_dataset(stranger: User, owner: User) -> None:
    assert make_own_sample(by=stranger) == make_own_sample(by=stranger)
    assert make_own_sample(by=owner) != make_own_sample(by=stranger)


def test_the_worker_draws_in_steps_until_nothing_is_missing(stranger: User, few, sent: list[int]) -> None:
    dataset = make_own_sample(by=stranger)
    tasks.draw_sample(dataset.pk)
    assert dataset.micrographs.ready().count() == 2
    for _again in range(2):
        tasks.draw_sample(dataset.pk)
    assert sent == [dataset.pk, dataset.pk]
    stored = dataset.micrographs.order_by("filename")
    assert [one.label for one in stored] == ["pearlite", NONE_OF_THESE, "pearlite"]
    assert all(one.pixels_per_micrometre and one.specimen for one in stored)


def test_two_samples_show_different_micrographs(stranger: User, owner: User, few) -> None:
    for dataset in (make_own_sample(by=stranger), make_sample(by=owner, name="Demo", slug=DEMO_SLUG)):
        sample.draw_some(dataset.pk)
    hashes = list(Micrograph.objects.values_list("pixel_sha256", flat=True))
    assert len(set(hashes)) == len(hashes) == 4


def test_the_sweep_goes_on_with_what_somebody_waits_for(stranger: User, owner: User, few, sent: list[int]) -> None:
    waiting, forgotten = make_own_sample(by=stranger), make_own_sample(by=owner)
    Dataset.objects.filter(pk=forgotten.pk).update(created_at=timezone.now() - timedelta(hours=2))
    tasks.sweep()
    assert sent == [waiting.pk]
    sample.draw_some(waiting.pk)
    sample.draw_some(waiting.pk)
    sent.clear()
    tasks.sweep()
    assert sent == []


def test_a_deleted_sample_is_forgotten(stranger: User) -> None:
    make_own_sample(by=stranger).delete()
    assert not Sample.objects.exists()


def test_a_whole_sample_can_be_trained_and_asked_about() -> None:
    whole = drawings()
    train, quiz = ({(one.material, one.specimen) for one in whole if one.split == split} for split in ("train", "quiz"))
    assert len({one.filename for one in whole}) == len(whole) > 100
    assert not train & quiz
    assert {one.label for one in whole if one.split == "quiz"} == {*sample.CLASSES, NONE_OF_THESE}
