"""A score from the request to the verdict, through the real classifier."""

import io

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError
from PIL import Image

from microdb.accounts.models import User
from microdb.celery import queue_length
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.micrographs.services import set_data_bar, set_masked, set_scale, update_dataset
from microdb.scoring import tasks
from microdb.scoring.models import Score
from microdb.scoring.services import BatchInput, cancel_score, create_batch, request_score
from microdb.scoring.tasks import score_micrograph
from microdb.training.bridge import artifact, scoring
from microdb.training.models import ModelVersion
from microdb.training.services import request_training
from tests.trained import drawn_png


@pytest.fixture
def micrograph(trained: ModelVersion) -> Micrograph:
    """One that is kept for a quiz."""
    return trained.dataset.micrographs.filter(split="quiz").first()


def scored(version: ModelVersion, micrograph: Micrograph) -> Score:
    score = request_score(model_version=version, micrograph=micrograph)
    score_micrograph(str(score.pk))
    score.refresh_from_db()
    return score


def test_a_score_ends_in_a_verdict_that_adds_up_with_a_map_over_the_micrograph(trained, micrograph):
    score = scored(trained, micrograph)
    assert score.state == Job.State.DONE, score.error
    assert list(score.probabilities) == trained.classes
    assert sum(score.probabilities.values()) + score.none_of_these == pytest.approx(1)
    assert score.probability == max(*score.probabilities.values(), score.none_of_these)
    assert score.predicted in [*trained.classes, "none-of-these"]
    assert score.nearest == max(score.probabilities, key=score.probabilities.__getitem__)
    assert score.outside_rank is None or 0 <= score.outside_rank <= 1
    assert 0 < len(score.descriptors) <= 200
    assert {len(place) for place in score.descriptors} == {3}
    assert {outside for _x, _y, outside in score.descriptors} <= {0, 1}
    assert score.pixels_per_micrometre == 10.0
    assert score.crops > 0
    with Image.open(score.saliency) as image:
        assert image.mode == "RGBA"
        assert image.width / image.height == pytest.approx(micrograph.width / micrograph.height, rel=0.05)


def test_the_same_micrograph_version_and_seed_give_the_same_numbers(trained, micrograph):
    first = scored(trained, micrograph)
    before = {"probabilities": first.probabilities, "crops": first.crops}
    Score.objects.all().delete()
    again = scored(trained, micrograph)
    assert {"probabilities": again.probabilities, "crops": again.crops} == before


def test_the_model_is_loaded_once_for_many_micrographs(trained):
    artifact.load.cache_clear()
    for micrograph in trained.dataset.micrographs.all()[:3]:
        scored(trained, micrograph)
    assert artifact.load.cache_info().misses == 1
    assert artifact.load.cache_info().hits == 2


def test_a_live_or_done_score_is_reused(trained, micrograph):
    waiting = request_score(model_version=trained, micrograph=micrograph)
    assert request_score(model_version=trained, micrograph=micrograph) == waiting
    score_micrograph(str(waiting.pk))
    assert request_score(model_version=trained, micrograph=micrograph) == waiting
    assert Score.objects.count() == 1


def test_a_new_scale_gets_a_new_score_with_a_warning_outside_the_trained_range(trained, micrograph, owner: User):
    first = scored(trained, micrograph)
    set_scale(micrographs=[micrograph], pixels_per_micrometre=40.0, source="by_hand", by=owner)
    micrograph.refresh_from_db()
    second = scored(trained, micrograph)
    assert second != first
    assert not first.warning
    assert "outside the trained range" in second.warning


def test_a_failed_score_can_be_asked_for_again(trained, micrograph):
    with default_storage.open(micrograph.master.name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
    failed = scored(trained, micrograph)
    assert failed.state == Job.State.FAILED
    assert "was altered" in failed.error
    assert request_score(model_version=trained, micrograph=micrograph) != failed


def test_a_missing_master_fails_in_words(trained, micrograph):
    default_storage.delete(micrograph.master.name)
    failed = scored(trained, micrograph)
    assert (failed.state, failed.error_id) == (Job.State.FAILED, "")
    assert "missing from the server's storage" in failed.error


def test_a_bug_is_stored_with_an_id_and_without_its_text(trained, micrograph, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("masters")

    monkeypatch.setattr(scoring, "gray_pixels", broken)
    failed = scored(trained, micrograph)
    assert failed.state == Job.State.FAILED
    assert failed.error_id
    assert failed.error_id in failed.error
    assert "masters" not in failed.error


def test_a_micrograph_without_scale_is_refused_with_its_code(trained, micrograph, owner: User):
    set_scale(micrographs=[micrograph], pixels_per_micrometre=None, source="", by=owner)
    micrograph.refresh_from_db()
    with pytest.raises(MicroDBError, match="no scale: give its pixels per micrometre") as refusal:
        request_score(model_version=trained, micrograph=micrograph)
    assert refusal.value.code == "missing_scale"


def test_an_untrained_version_does_not_score(trained, micrograph, owner: User):
    queued = request_training(dataset=trained.dataset, by=owner, seed=3)
    with pytest.raises(MicroDBError, match="Only a trained version can score; version 2 is queued"):
        request_score(model_version=queued, micrograph=micrograph)


def test_a_person_who_waits_overtakes_the_batch(trained, micrograph):
    patient = request_score(model_version=trained, micrograph=micrograph, queue="batch")
    urgent = request_score(model_version=trained, micrograph=micrograph)
    assert urgent == patient
    assert urgent.queue == Score.objects.get(pk=patient.pk).queue == "score"


def test_a_score_that_was_taken_over_leaves_neither_verdict_nor_file(trained, micrograph, monkeypatch):
    score = request_score(model_version=trained, micrograph=micrograph)
    score_all = scoring.score_all

    def cancelled_meanwhile(*given):
        for row, outcome in score_all(*given):
            cancel_score(score=score)
            yield row, outcome

    monkeypatch.setattr(scoring, "score_all", cancelled_meanwhile)
    folder = default_storage.listdir("saliency")[1] if default_storage.exists("saliency") else []
    score_micrograph(str(score.pk))
    score.refresh_from_db()
    assert score.state == Job.State.CANCELLED
    assert not score.predicted
    assert not score.saliency
    assert (default_storage.listdir("saliency")[1] if default_storage.exists("saliency") else []) == folder


def test_a_cancelled_score_is_not_scored(trained, micrograph):
    score = request_score(model_version=trained, micrograph=micrograph)
    assert cancel_score(score=score)
    score_micrograph(str(score.pk))
    score.refresh_from_db()
    assert score.state == Job.State.CANCELLED
    assert score.deliveries == 0


def test_a_message_that_comes_twice_scores_once(trained, micrograph):
    score = scored(trained, micrograph)
    score_micrograph(str(score.pk))
    again = Score.objects.get(pk=score.pk)
    assert again.deliveries == 1
    assert again.finished_at == score.finished_at


def test_pixels_that_cannot_be_scored_fail_in_words(trained, add_drawn, dataset, owner):
    from microdb.micrographs.services import add_and_read_micrograph

    file = io.BytesIO()
    Image.new("L", (64, 64), 90).save(file, "PNG")
    flat = add_and_read_micrograph(
        dataset=dataset, file=file, filename="flat.png", by=owner, pixels_per_micrometre=10.0
    )
    score = scored(trained, flat)
    assert score.state == Job.State.FAILED
    assert "one gray value everywhere" in score.error
    assert not score.error_id


def test_a_master_swapped_for_another_sound_picture_is_not_scored(trained, micrograph):
    with default_storage.open(micrograph.master.name, "wb") as file:
        file.write(drawn_png("pearlite", 99))
    score = scored(trained, micrograph)
    assert score.state == Job.State.FAILED
    assert "was altered in the server's storage" in score.error


@pytest.mark.parametrize("scale", [10.0, None])
def test_a_dataset_declared_scale_free_later_is_scored_as_its_version_was_trained(trained, micrograph, owner, scale):
    update_dataset(dataset=trained.dataset, scale_free=True)
    set_scale(micrographs=[micrograph], pixels_per_micrometre=scale, source="by_hand" if scale else "", by=owner)
    micrograph.refresh_from_db()
    if scale is None:
        with pytest.raises(MicroDBError, match="no scale"):
            request_score(model_version=trained, micrograph=micrograph)
        return
    score = scored(trained, micrograph)
    assert (score.state, score.pixels_per_micrometre) == (Job.State.DONE, 10.0), score.error


def test_of_a_long_batch_every_message_is_sent_once(trained, owner: User, monkeypatch):
    monkeypatch.setattr(tasks, "MESSAGES_AT_ONCE", 3)
    inputs = [BatchInput(one.filename, one) for one in trained.dataset.micrographs.all()]
    batch = create_batch(model_version=trained, items=inputs, by=owner)
    before = {queue: queue_length(queue) for queue in ("sweep", "batch")}
    tasks._send_first(batch)
    assert queue_length("batch") - before["batch"] == 3
    assert queue_length("sweep") - before["sweep"] == 1
    tasks.send_rest(str(batch.pk), 3)
    assert queue_length("batch") - before["batch"] == len(inputs)


def test_a_moved_data_bar_makes_a_new_score_and_the_old_one_stays(trained: ModelVersion, add_drawn):
    micrograph = add_drawn("ferrite", 60)
    before = request_score(model_version=trained, micrograph=micrograph)
    set_data_bar(micrographs=[micrograph], top=90, by=None)
    micrograph.refresh_from_db()
    after = request_score(model_version=trained, micrograph=micrograph)
    assert (before.data_bar_top, after.data_bar_top) == (None, 90)
    assert request_score(model_version=trained, micrograph=micrograph) == after
    score_micrograph(str(after.pk))
    after.refresh_from_db()
    assert after.state == Job.State.DONE


def test_a_rectangle_masked_later_makes_a_new_score_and_the_old_one_stays(trained: ModelVersion, add_drawn):
    micrograph = add_drawn("ferrite", 61)
    before = request_score(model_version=trained, micrograph=micrograph)
    set_masked(micrographs=[micrograph], masked=[{"x": 0, "y": 80, "width": 60, "height": 40}], by=None)
    micrograph.refresh_from_db()
    after = request_score(model_version=trained, micrograph=micrograph)
    assert (before.masked, after.masked) == ([], [{"x": 0, "y": 80, "width": 60, "height": 40}])
    assert request_score(model_version=trained, micrograph=micrograph) == after
    score_micrograph(str(after.pk))
    after.refresh_from_db()
    assert after.state == Job.State.DONE
    set_masked(micrographs=[micrograph], masked=[], by=None)
    micrograph.refresh_from_db()
    assert request_score(model_version=trained, micrograph=micrograph) == before
    with pytest.raises(IntegrityError):
        Score.objects.create(model_version=trained, micrograph=micrograph, pixels_per_micrometre=10.0, masked=[])
