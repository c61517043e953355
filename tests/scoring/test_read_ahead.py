"""A worker scores the micrographs of a batch that come next together with the one of its message."""

import pytest
from django.core.files.storage import default_storage

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.scoring import tasks
from microdb.scoring.models import Batch, Score
from microdb.scoring.services import BatchInput, claim_next, claiming, create_batch, request_score
from microdb.scoring.tasks import score_micrograph
from microdb.training.bridge import scoring
from microdb.training.models import ModelVersion


@pytest.fixture(autouse=True)
def claims_all_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "SHARE", 1)


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
    monkeypatch.setattr(tasks, "SECONDS_BETWEEN_PROGRESS", 0)
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


def test_a_worker_leaves_most_of_what_waits_to_the_others(batch: Batch, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(claiming, "SHARE", 4)
    first, *others = Score.objects.order_by("enqueued_at", "pk")
    assert [one.pk for one in claim_next(Score.objects.claim(first.pk))] == [others[0].pk]
    assert scores(Job.State.QUEUED) == 6


def test_what_another_worker_takes_at_this_moment_is_left_out_without_waiting(batch: Batch):
    first, taken, *others = Score.objects.order_by("enqueued_at", "pk")
    mine = Score.objects.claim(first.pk)
    Score.objects.filter(pk=taken.pk).update(state=Job.State.RUNNING)
    assert {one.pk for one in claim_next(mine)} == {one.pk for one in others}
    assert {one.claim_token for one in Score.objects.filter(pk__in=[one.pk for one in others])} != {mine.claim_token}


def order_of_ends() -> list[Score]:
    return list(Score.objects.filter(state=Job.State.DONE).order_by("finished_at"))


def asks_during(monkeypatch: pytest.MonkeyPatch, micrograph: Micrograph, version: ModelVersion) -> None:
    """While the first micrograph of the batch is scored, a person asks for the score of another."""
    verdicts = scoring._verdicts

    def asked_meanwhile(*given):
        if not Score.objects.filter(queue="score").exists():
            request_score(model_version=version, micrograph=micrograph)
        return verdicts(*given)

    monkeypatch.setattr(scoring, "_verdicts", asked_meanwhile)


def test_a_person_who_asks_while_a_batch_runs_comes_next(
    batch: Batch, trained: ModelVersion, add_drawn, monkeypatch: pytest.MonkeyPatch
):
    asks_during(monkeypatch, add_drawn("pearlite", 77), trained)
    score_micrograph(str(Score.objects.order_by("enqueued_at", "pk")[0].pk))
    assert [one.queue for one in order_of_ends()] == ["score", *["batch"] * 8]
    assert set(Score.objects.values_list("deliveries", flat=True)) == {1}


def test_a_person_who_asks_for_what_the_worker_holds_gets_it_next_and_once(
    batch: Batch, trained: ModelVersion, monkeypatch: pytest.MonkeyPatch
):
    last = list(Score.objects.order_by("enqueued_at", "pk"))[-1]
    maps_before = len(default_storage.listdir("saliency")[1]) if default_storage.exists("saliency") else 0
    asks_during(monkeypatch, last.micrograph, trained)
    score_micrograph(str(Score.objects.order_by("enqueued_at", "pk")[0].pk))
    assert order_of_ends()[0] == last
    assert (scores(Job.State.DONE), Score.objects.count()) == (8, 8)
    assert set(Score.objects.values_list("deliveries", flat=True)) == {1}
    assert len(default_storage.listdir("saliency")[1]) == maps_before + 8  # none is left of what was handed back


def test_one_that_a_person_waits_for_and_that_lost_a_worker_is_not_made_among_others(
    batch: Batch, trained: ModelVersion, add_drawn
):
    urgent = request_score(model_version=trained, micrograph=add_drawn("pearlite", 77))
    Score.objects.filter(pk=urgent.pk).update(deliveries=1)
    score_micrograph(str(Score.objects.filter(queue="batch").order_by("enqueued_at", "pk")[0].pk))
    urgent.refresh_from_db()
    assert (urgent.state, scores(Job.State.DONE)) == (Job.State.QUEUED, 8)
