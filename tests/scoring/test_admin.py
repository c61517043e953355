"""The administrator looks at jobs and stops them."""

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.jobs import Job
from microdb.scoring.models import Score
from microdb.scoring.services import BatchInput, create_batch
from microdb.training.models import ModelVersion
from microdb.training.services import request_training


@pytest.fixture
def administrator(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("admin", password="correct horse"))
    return client


@pytest.fixture
def jobs(trained: ModelVersion, owner: User) -> ModelVersion:
    """Six queued scores in a batch, and a queued training."""
    micrographs = trained.dataset.micrographs.all()[:6]
    create_batch(model_version=trained, items=[BatchInput(one.filename, one) for one in micrographs], by=owner)
    return request_training(dataset=trained.dataset, by=owner, seed=1)


@pytest.mark.parametrize("page", ["training/modelversion", "scoring/score", "scoring/batch"])
def test_lists_open_with_a_constant_number_of_queries(administrator, jobs, page, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        assert administrator.get(f"/admin/{page}/").status_code == 200


@pytest.mark.parametrize(
    ("page", "row"),
    [("training/modelversion", ModelVersion), ("scoring/score", Score)],
)
def test_the_chosen_jobs_are_cancelled(administrator, jobs, page, row):
    queued = row.objects.filter(state=Job.State.QUEUED)
    chosen = [str(pk) for pk in queued.values_list("pk", flat=True)]
    administrator.post(f"/admin/{page}/", {"action": "cancel", "_selected_action": chosen})
    assert row.objects.filter(pk__in=chosen, state=Job.State.CANCELLED).count() == len(chosen) > 0


def test_a_row_opens_and_cannot_be_changed(administrator, jobs):
    score = Score.objects.first()
    assert administrator.get(f"/admin/scoring/score/{score.pk}/change/").status_code == 200
    assert administrator.post(f"/admin/scoring/score/{score.pk}/change/", {"seed": 9}).status_code == 403
    assert administrator.get(f"/admin/training/modelversion/{jobs.pk}/change/").status_code == 200
