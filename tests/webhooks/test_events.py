"""Events are stored in the transaction of what they tell of: a training, a batch, a quiz. E-mails tell the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset, Membership, Micrograph
from microdb.quizzes.models import Quiz
from microdb.quizzes.services import close_overdue, close_quiz
from microdb.scoring.models import Batch, Score
from microdb.scoring.services import BatchInput, announce_batches, create_batch, retry_batch
from microdb.scoring.tasks import score_micrograph
from microdb.training.models import ModelVersion
from microdb.training.services import request_training
from microdb.training.tasks import train_model_version
from microdb.webhooks.models import Delivery, Event, Webhook
from microdb.webhooks.services import set_mailing
from tests.webhooks.conftest import happen, send

pytestmark = pytest.mark.django_db


def test_a_change_that_is_rolled_back_is_not_told(webhook: Webhook, dataset: Dataset):
    with transaction.atomic():
        happen(dataset)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_a_training_tells_of_its_end(webhook: Webhook, drawn: Dataset, owner: User):
    version = request_training(dataset=drawn, by=owner)
    assert not Event.objects.exists()
    train_model_version(version.pk)
    event = Event.objects.get()
    assert (event.kind, event.data["state"], event.data["model_version"]) == ("training.finished", "done", 1)
    assert event.data["page"] == "/datasets/steels/training/1/"


def test_a_training_that_fails_tells_so_and_one_that_lost_its_worker_tells_nothing(
    webhook: Webhook, drawn: Dataset, owner: User
):
    version = request_training(dataset=drawn, by=owner)
    first = ModelVersion.objects.claim(version.pk)
    second = ModelVersion.objects.claim(version.pk, redelivered=True)
    assert not first.fail("too late")
    assert not Event.objects.exists()
    assert second.fail("no memory")
    assert Event.objects.get().data["state"] == "failed"


def batches() -> QuerySet[Event]:
    return Event.objects.filter(kind="batch.finished")


def finished_batch(version: ModelVersion, owner: User, micrographs: list[Micrograph]) -> Batch:
    items = [BatchInput(one.filename, one) for one in micrographs]
    batch = create_batch(model_version=version, items=items, by=owner)
    for score in Score.objects.filter(batch_items__batch=batch):
        score_micrograph(str(score.pk))
    return batch


def test_a_batch_tells_of_its_end_once_and_again_after_a_retry(webhook: Webhook, trained: ModelVersion, owner: User):
    micrographs = list(Micrograph.objects.all()[:2])
    items = [BatchInput(one.filename, one) for one in micrographs]
    batch = create_batch(model_version=trained, items=items, by=owner)
    first, second = Score.objects.filter(batch_items__batch=batch)
    Score.objects.filter(pk=second.pk).update(state="running")  # by another worker
    score_micrograph(str(first.pk))
    assert announce_batches() == 0
    Score.objects.filter(pk=second.pk).update(state="failed", error="no memory")
    assert (announce_batches(), announce_batches()) == (1, 0)
    event = batches().get()
    assert (event.data["total"], event.data["done"], event.data["without_verdict"]) == (2, 1, 1)
    retry_batch(batch=batch)
    assert announce_batches() == 0  # its item waits for a score
    batch.items.filter(score=None).update(error="refused")
    assert announce_batches() == 1
    assert batches().count() == 2


def test_a_cancelled_batch_is_not_told(webhook: Webhook, trained: ModelVersion, owner: User):
    batch = finished_batch(trained, owner, list(Micrograph.objects.all()[:1]))
    Batch.objects.filter(pk=batch.pk).update(cancelled_at=timezone.now())
    assert announce_batches() == 0


@pytest.fixture
def quiz(dataset: Dataset) -> Quiz:
    """An open one."""
    opened = {"opened_at": timezone.now(), "frozen_sha256": "0" * 64}
    return Quiz.objects.create(dataset=dataset, title="Steel quiz", slug="steel-quiz", **opened)


def test_a_quiz_that_somebody_closes_is_told_once(webhook: Webhook, quiz: Quiz, owner: User):
    close_quiz(quiz=quiz, by=owner)
    close_quiz(quiz=quiz, by=owner)
    event = Event.objects.get()
    assert (event.kind, event.data["quiz"], event.data["title"]) == ("quiz.closed", "steel-quiz", "Steel quiz")


def test_a_quiz_whose_time_is_over_is_closed_at_its_time_and_told(webhook: Webhook, quiz: Quiz):
    end = timezone.now() - timedelta(minutes=5)
    Quiz.objects.update(opened_at=end - timedelta(hours=1), closes_at=end)
    assert (close_overdue(), close_overdue()) == (1, 0)
    quiz.refresh_from_db()
    assert quiz.closed_at == end
    assert Event.objects.get().data["closed_at"] == end.isoformat()


def test_members_who_asked_get_an_e_mail_with_a_link(dataset: Dataset, member: Any, settings: Any):
    settings.SITE_URL = "https://microdb.example.org"
    viewer = member("viewer")
    member("curator")
    set_mailing(dataset=dataset, user=viewer, kinds=["batch.finished"])
    happen(dataset)
    assert send(Delivery.objects.get()).state == "done"
    (message,) = mail.outbox
    assert (message.to, message.subject) == (
        ["viewer@example.org"],
        "MicroDB: 3 of 4 micrographs of a batch in Steels have a verdict",
    )
    assert "https://microdb.example.org/batches/1/" in message.body


@pytest.mark.parametrize("change", ["left", "inactive", "no address"])
def test_nobody_is_told_who_may_not_know_any_more(dataset: Dataset, member: Any, change: str):
    viewer = member("viewer")
    set_mailing(dataset=dataset, user=viewer, kinds=["batch.finished"])
    happen(dataset)
    if change == "left":
        Membership.objects.filter(user=viewer).delete()
    else:
        User.objects.filter(pk=viewer.pk).update(**{"is_active": False} if change == "inactive" else {"email": ""})
    assert send(Delivery.objects.get()).state == "failed"
    assert not mail.outbox


def test_a_mail_server_that_is_away_is_tried_again(dataset: Dataset, member: Any, settings: Any):
    set_mailing(dataset=dataset, user=member("viewer"), kinds=["batch.finished"])
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    happen(dataset)
    delivery = send(Delivery.objects.get())
    assert (delivery.state, "ConnectionRefused" in delivery.log.get().error) == ("queued", True)


def test_no_kinds_end_the_e_mails(dataset: Dataset, member: Any):
    viewer = member("viewer")
    set_mailing(dataset=dataset, user=viewer, kinds=["batch.finished"])
    set_mailing(dataset=dataset, user=viewer, kinds=[])
    happen(dataset)
    assert not Delivery.objects.exists()
