"""A person who asks for a score while a real worker scores a batch does not wait for what the worker has claimed."""

from pathlib import Path

import pytest

from microdb.accounts.models import User
from microdb.celery import app
from microdb.jobs import Job
from microdb.scoring.models import Score
from microdb.scoring.services import BatchInput, create_batch, request_score
from microdb.scoring.tasks import enqueue_batch, enqueue_score
from microdb.training.models import ModelVersion
from tests.workers import celery_worker, wait_until

FILES = 64


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("queues", ["score,batch", "batch"])
def test_a_score_that_a_person_asks_for_overtakes_those_that_the_worker_holds(
    trained: ModelVersion, add_drawn, owner: User, tmp_path: Path, queues: str
):
    app.control.purge()
    made = [add_drawn("pearlite", seed) for seed in range(10, 11 + FILES)]
    inputs = [BatchInput(one.filename, one) for one in made[1:]]
    enqueue_batch(create_batch(model_version=trained, items=inputs, by=owner))
    log = tmp_path / "worker.log"
    done = Score.objects.filter(queue="batch", state=Job.State.DONE)
    with celery_worker(queues, log):
        wait_until(lambda: done.count() >= 2, seconds=180, log=log)
        score = request_score(model_version=trained, micrograph=made[0])
        enqueue_score(score)
        asked = done.count()
        wait_until(lambda: Score.objects.get(pk=score.pk).state == Job.State.DONE, seconds=180, log=log)
    score.refresh_from_db()
    assert score.deliveries == 1
    before = done.filter(finished_at__lt=score.finished_at).count() - asked
    assert before <= 4, f"{before} micrographs of the batch came first"  # one or two, and those of a slow test
