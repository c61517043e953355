"""A worker scores the micrographs of a batch that come next together with the one of its message."""

import pytest

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.scoring.models import Batch, Score
from microdb.scoring.services import BatchInput, create_batch, request_score
from microdb.scoring.tasks import score_micrograph
from microdb.training.bridge import scoring
from microdb.training.models import ModelVersion


@pytest.fixture
def batch(trained: ModelVersion, owner: User) -> Batch:
    """Of eight micrographs."""
    inputs = [BatchInput(one.filename, one) for one in trained.dataset.micrographs.order_by("filename")]
    return create_batch(model_version=trained, items=inputs, by=owner)


def scores(state: str) -> int:
    return Score.objects.filter(state=state).count()


def test_one_message_scores_all_that_come_next_and_their_messages_find_them_done(batch: Batch):
    first, *others = Score.objects.order_by("enqueued_at", "pk")
    score_micrograph(str(first.pk))
    assert scores(Job.State.DONE) == 8
    kept = dict(Score.objects.values_list("pk", "finished_at"))
    for score in others:
        score_micrograph(str(score.pk))
    assert dict(Score.objects.values_list("pk", "finished_at")) == kept
    assert set(Score.objects.values_list("deliveries", flat=True)) == {1}


def test_the_numbers_do_not_depend_on_what_is_scored_together(batch: Batch, trained: ModelVersion):
    score_micrograph(str(Score.objects.first().pk))
    for score in Score.objects.select_related("model_version", "micrograph"):
        alone = scoring.score(score, lambda *_: True)
        assert {name: getattr(score, name) for name in alone.fields} == alone.fields
        assert score.saliency.read() == alone.saliency


def test_a_score_that_a_person_waits_for_is_made_alone(batch: Batch, trained: ModelVersion):
    urgent = request_score(model_version=trained, micrograph=Score.objects.last().micrograph)
    score_micrograph(str(urgent.pk))
    assert (scores(Job.State.DONE), scores(Job.State.QUEUED)) == (1, 7)


def test_one_that_lost_a_worker_before_is_not_made_with_others(batch: Batch):
    lost, first = Score.objects.order_by("enqueued_at", "pk")[1], Score.objects.order_by("enqueued_at", "pk")[0]
    Score.objects.filter(pk=lost.pk).update(deliveries=1)
    score_micrograph(str(first.pk))
    lost.refresh_from_db()
    assert lost.state == Job.State.QUEUED
    score_micrograph(str(lost.pk))
    assert scores(Job.State.DONE) == 8


def test_large_micrographs_are_not_claimed_ahead(batch: Batch):
    Micrograph.objects.update(width=6000, height=4000)
    score_micrograph(str(Score.objects.order_by("enqueued_at", "pk")[0].pk))
    assert (scores(Job.State.DONE), scores(Job.State.QUEUED)) == (1, 7)


def test_one_that_fails_or_is_cancelled_does_not_stop_the_others(batch: Batch, monkeypatch: pytest.MonkeyPatch):
    first, refused, broken, cancelled = Score.objects.order_by("enqueued_at", "pk")[:4]
    pixels = scoring._pixels

    def read(row):
        if row.pk == refused.pk:
            raise MicroDBError("This file is damaged.")
        if row.pk == broken.pk:
            raise RuntimeError("masters")
        return pixels(row)

    monkeypatch.setattr(scoring, "_pixels", read)
    heartbeat = Score.heartbeat
    monkeypatch.setattr(Score, "heartbeat", lambda score, *given: score.pk != cancelled.pk and heartbeat(score, *given))
    score_micrograph(str(first.pk))
    for score in (refused, broken, cancelled):
        score.refresh_from_db()
    assert (refused.state, refused.error) == (Job.State.FAILED, "This file is damaged.")
    assert (broken.state, "masters" in broken.error) == (Job.State.FAILED, False)
    assert scores(Job.State.DONE) == 5


def test_a_worker_that_stops_hands_back_what_it_claimed(batch: Batch, monkeypatch: pytest.MonkeyPatch):
    def stops(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(scoring, "_verdicts", stops)
    with pytest.raises(SystemExit):
        score_micrograph(str(Score.objects.order_by("enqueued_at", "pk")[0].pk))
    assert scores(Job.State.QUEUED) == 8
    assert set(Score.objects.values_list("deliveries", flat=True)) == {0}
