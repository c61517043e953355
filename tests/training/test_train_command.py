"""``manage.py train`` on a dataset that is being trained already."""

import io

import pytest
from django.core.management import CommandError, call_command

from microdb.micrographs.models import Dataset
from microdb.training.models import ModelVersion
from microdb.training.services import request_training
from microdb.training.tasks import enqueue_training
from tests.workers import celery_worker


@pytest.fixture
def version(drawn: Dataset) -> ModelVersion:
    """A queued training, as another person asked for it."""
    return request_training(dataset=drawn, by=drawn.created_by)


class FailsWhenFollowed(io.StringIO):
    """Output that lets the training fail once the command says that it follows it."""

    def __init__(self, job: ModelVersion) -> None:
        super().__init__()
        self.job = job

    def write(self, text: str) -> int:
        if "following it" in text:
            self.job.fail("the disk is full")
        return super().write(text)


@pytest.mark.django_db(transaction=True)
def test_a_queued_training_is_followed_to_its_end(version: ModelVersion, tmp_path):
    said = io.StringIO()
    enqueue_training(version)
    with celery_worker("train", tmp_path / "worker.log"):
        call_command("train", "steels", "--wait", stdout=said)
    first, *_, last = said.getvalue().splitlines()
    assert first == f"{version}: queued already, on exactly this; following it"
    assert "accuracy" in last
    assert ModelVersion.objects.get().is_active


def test_a_running_training_is_followed_and_its_failure_told(version: ModelVersion):
    said = FailsWhenFollowed(ModelVersion.objects.claim(version.pk))
    with pytest.raises(CommandError, match="model version 1 failed: the disk is full"):
        call_command("train", "steels", "--wait", stdout=said)
    assert said.getvalue() == f"{version}: running already, on exactly this; following it\n"


def test_without_waiting_the_same_training_is_refused_and_another_one_queued(version: ModelVersion):
    with pytest.raises(CommandError, match="Version 1 is being trained on exactly this already"):
        call_command("train", "steels", stdout=io.StringIO())
    said = io.StringIO()
    call_command("train", "steels", "--seed", "1", stdout=said)
    assert said.getvalue() == f"{ModelVersion.objects.get(seed=1)}: queued, 2 classes\n"
