"""Workers keep the descriptors of what a dataset has, through the real classifier."""

import numpy as np
import pytest

from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.micrographs.services import set_masked, set_scale
from microdb.scoring.services import request_score
from microdb.scoring.tasks import score_micrograph
from microdb.similar import tasks
from microdb.similar.models import Describing, Descriptor
from microdb.similar.tasks import describe, sweep
from microdb.training.services import activate


@pytest.fixture
def messages(monkeypatch) -> list[int]:
    """Keys whose messages were sent."""
    sent: list[int] = []
    monkeypatch.setattr(describe, "delay", sent.append)
    return sent


@pytest.fixture
def run(messages):
    """Do what the workers do until nothing waits."""

    def go() -> None:
        sweep()
        while keys := list(Describing.objects.active().values_list("pk", flat=True)):
            for pk in keys:
                describe(pk)
        messages.clear()

    return go


def described(version) -> set[str]:
    rows = Descriptor.objects.filter(model_version=version).exclude(vector=None).up_to_date()
    return set(rows.values_list("micrograph__filename", flat=True))


def test_everything_that_the_dataset_keeps_is_described_once_a_version_is_active(trained, run):
    run()
    kept = set(trained.dataset.micrographs.values_list("filename", flat=True))
    assert described(trained) == kept
    trained_on = Descriptor.objects.filter(trained_on=True).values_list("micrograph__split", flat=True)
    assert list(trained_on) == ["train"] * 6
    assert Describing.objects.get().state == Job.State.DONE


def test_a_message_describes_a_few_and_sends_the_next_one(trained, messages, monkeypatch):
    monkeypatch.setattr(tasks, "AT_ONCE", 3)
    sweep()
    for count in (3, 6, 8):
        describe(messages.pop())
        assert Descriptor.objects.count() == count
    assert not messages
    # what the version was trained on came first
    assert list(Descriptor.objects.order_by("pk").values_list("trained_on", flat=True)) == [True] * 6 + [False] * 2


def test_nothing_is_described_twice(trained, run, messages):
    run()
    revision = Describing.objects.get().revision
    sweep()
    assert messages == []
    assert Describing.objects.get().revision == revision


@pytest.mark.parametrize("change", ["added", "scaled", "masked", "restored"])
def test_what_changes_is_described_again(trained, run, add_drawn, owner, change):
    one = trained.dataset.micrographs.first()
    if change == "restored":
        Micrograph.objects.filter(pk=one.pk).update(trashed_at="2026-01-01T00:00Z")
    run()
    if change == "added":
        one = add_drawn("pearlite", 9)
    elif change == "scaled":
        set_scale(micrographs=[one], pixels_per_micrometre=12, source="by_hand", by=owner)
    elif change == "masked":
        set_masked(micrographs=[one], masked=[{"x": 0, "y": 0, "width": 20, "height": 20}], by=owner)
    else:
        Micrograph.objects.filter(pk=one.pk).update(trashed_at=None)
    assert one.filename not in described(trained)
    run()
    assert one.filename in described(trained)


def test_a_label_makes_no_work(trained, run):
    run()
    Micrograph.objects.update(none_of_these=True, material_class=None)
    assert not Describing.objects.filter(wanted=True).exists()


def test_a_version_that_is_active_again_describes_what_came_meanwhile(trained, run, add_drawn):
    run()
    trained.is_active = False
    trained.save()
    one = add_drawn("pearlite", 9)
    run()
    assert one.filename not in described(trained)
    activate(model_version=trained)
    run()
    assert one.filename in described(trained)


def test_a_version_that_is_not_active_describes_what_it_was_trained_on(trained, run):
    trained.is_active = False
    trained.save()
    Describing.objects.create(model_version=trained)
    run()
    assert set(Descriptor.objects.values_list("trained_on", flat=True)) == {True}


def test_a_micrograph_that_cannot_be_described_holds_up_no_others(trained, run):
    one = trained.dataset.micrographs.first()
    one.master.storage.delete(one.master.name)
    run()
    assert Descriptor.objects.get(micrograph=one).vector is None
    assert len(described(trained)) == trained.dataset.micrographs.count() - 1


def test_a_version_without_its_file_fails_in_words_and_is_not_tried_until_something_changes(trained, run, messages):
    trained.artifact.storage.delete(trained.artifact.name)
    run()
    job = Describing.objects.get()
    assert (job.state, "gone from the storage" in job.error) == (Job.State.FAILED, True)
    sweep()
    assert messages == []


def test_a_lost_worker_is_followed_by_another(trained, run, messages):
    sweep()
    Describing.objects.claim(trained.pk)
    Describing.objects.update(heartbeat_at="2026-01-01T00:00Z")
    run()
    assert Describing.objects.get().state == Job.State.DONE


def test_a_score_leaves_its_descriptor_and_it_is_that_of_the_description(trained, run):
    one = trained.dataset.micrographs.filter(split="quiz").first()
    score = request_score(model_version=trained, micrograph=one)
    score_micrograph(str(score.pk))
    by_score = Descriptor.objects.get(micrograph=one)
    assert by_score.trained_on is False
    by_score.delete()
    run()
    again = Descriptor.objects.get(micrograph=one)
    np.testing.assert_allclose(again.vector, by_score.vector, rtol=1e-4, atol=1e-4)


def test_a_score_of_a_scale_that_has_changed_since_leaves_none(trained, owner):
    one = trained.dataset.micrographs.filter(split="quiz").first()
    score = request_score(model_version=trained, micrograph=one)
    set_scale(micrographs=[one], pixels_per_micrometre=12, source="by_hand", by=owner)
    score_micrograph(str(score.pk))
    assert not Descriptor.objects.exists()


def test_a_file_that_was_scored_before_there_were_descriptors_gets_one(trained, run, add_drawn):
    one = add_drawn("pearlite", 9)
    score = request_score(model_version=trained, micrograph=one)
    score_micrograph(str(score.pk))
    Micrograph.objects.filter(pk=one.pk).update(scored_only=True)
    Descriptor.objects.all().delete()
    run()
    assert one.filename in described(trained)
