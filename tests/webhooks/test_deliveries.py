"""Deliveries to a receiver that answers, fails, redirects, hangs or is gone."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.core import mail
from django.utils import timezone

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset
from microdb.webhooks import sending
from microdb.webhooks.models import Delivery, Event, Webhook
from microdb.webhooks.services import (
    FAILING_FOR,
    PAUSES,
    change_webhook,
    create_webhook,
    drop_old_events,
    ping,
    replay,
    rotate_secret,
)
from microdb.webhooks.signing import sign
from microdb.webhooks.tasks import sweep
from tests.webhooks.conftest import KINDS, happen, send
from tests.webhooks.receiver import Receiver, Request

pytestmark = pytest.mark.django_db


def signatures(secret: str, request: Request) -> str:
    """Recomputed from the text of Standard Webhooks."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.{request.body}"
    return "v1," + base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()


def test_the_signature_is_that_of_a_published_example():
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    given = sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}')
    assert given == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_event_arrives_signed_and_as_json(dataset: Dataset, owner: User, receiver: Receiver):
    _webhook, secret = create_webhook(dataset=dataset, by=owner, url=receiver.url, kinds=KINDS)
    happen(dataset)
    delivery = send(Delivery.objects.get())
    (request,) = receiver.got
    assert (delivery.state, delivery.log.get().status, delivery.log.get().answer) == ("done", 200, "thanks")
    assert request.path == "/hook?from=microdb"
    assert request.headers["webhook-id"] == str(delivery.event_id)
    assert abs(int(request.headers["webhook-timestamp"]) - timezone.now().timestamp()) < 30
    assert request.headers["webhook-signature"] == signatures(secret, request)
    body = json.loads(request.body)
    assert (body["type"], body["data"]["dataset"], body["data"]["done"]) == ("batch.finished", "steels", 3)
    assert body["timestamp"] == delivery.event.created_at.isoformat()


def test_no_secret_is_in_the_database(dataset: Dataset, owner: User, receiver: Receiver):
    webhook, secret = create_webhook(dataset=dataset, by=owner, url=receiver.url, kinds=KINDS)
    assert secret.removeprefix("whsec_") not in str(Webhook.objects.values().get(pk=webhook.pk))


def test_after_a_rotation_both_secrets_verify_for_a_day(dataset: Dataset, owner: User, receiver: Receiver):
    webhook, old = create_webhook(dataset=dataset, by=owner, url=receiver.url, kinds=KINDS)
    new = rotate_secret(webhook=webhook)
    send(ping(webhook=webhook, by=owner))
    assert receiver.got[0].headers["webhook-signature"].split() == [
        signatures(new, receiver.got[0]),
        signatures(old, receiver.got[0]),
    ]
    Webhook.objects.update(old_seed_until=timezone.now())
    send(ping(webhook=webhook, by=owner))
    assert receiver.got[1].headers["webhook-signature"] == signatures(new, receiver.got[1])


def test_failures_are_tried_again_for_three_days_with_the_same_id_and_then_end(
    webhook: Webhook, dataset: Dataset, receiver: Receiver
):
    receiver.answers, receiver.content = [500], b"broken"
    happen(dataset)
    delivery = Delivery.objects.get()
    for attempt, pause in enumerate(PAUSES, start=1):
        before = timezone.now()
        assert send(delivery).state == "queued"
        assert delivery.attempts == attempt
        wait = (delivery.next_try_at - before).total_seconds()
        assert pause <= wait <= pause * 1.1 + 5
    assert send(delivery).state == "failed"
    assert len({request.headers["webhook-id"] for request in receiver.got}) == 1
    assert len({request.body for request in receiver.got}) == 1
    assert [one.status for one in delivery.log.all()] == [500] * 10
    assert timedelta(days=3) < timedelta(seconds=sum(PAUSES)) < timedelta(days=4)


def test_a_receiver_that_recovers_gets_the_event(webhook: Webhook, dataset: Dataset, receiver: Receiver):
    receiver.answers = [503, 200]
    happen(dataset)
    delivery = send(Delivery.objects.get())
    webhook.refresh_from_db()
    assert webhook.failing_since
    assert send(delivery).state == "done"
    webhook.refresh_from_db()
    assert webhook.failing_since is None


def test_retry_after_of_the_receiver_is_kept(webhook: Webhook, dataset: Dataset, receiver: Receiver):
    receiver.answers, receiver.headers = [429], {"Retry-After": "600"}
    happen(dataset)
    delivery = send(Delivery.objects.get())
    assert timedelta(seconds=590) < delivery.next_try_at - timezone.now() <= timedelta(seconds=600)


def test_redirects_are_not_followed(webhook: Webhook, dataset: Dataset, receiver: Receiver):
    receiver.answers, receiver.headers = [302, 200], {"Location": receiver.url}
    happen(dataset)
    assert send(Delivery.objects.get()).state == "queued"
    assert len(receiver.got) == 1


def test_one_kilobyte_of_an_answer_is_read_and_kept(webhook: Webhook, dataset: Dataset, receiver: Receiver):
    receiver.content = b"\xff\0" + b"x" * 50_000_000
    happen(dataset)
    delivery = send(Delivery.objects.get())
    assert (delivery.state, len(delivery.log.get().answer)) == ("done", 1024)
    assert delivery.log.get().seconds < 5


def test_a_receiver_that_hangs_or_is_not_there_is_tried_again(
    webhook: Webhook, dataset: Dataset, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sending, "TIMEOUT", httpx.Timeout(0.2))
    receiver.delay = 1.0
    happen(dataset)
    delivery = send(Delivery.objects.get())
    assert (delivery.state, "ReadTimeout" in delivery.log.get().error) == ("queued", True)
    Webhook.objects.update(url="http://localhost:9/")
    assert send(delivery).state == "queued"
    assert "ConnectError" in delivery.log.all()[0].error


def test_a_receiver_that_is_gone_for_good_is_switched_off_with_notice(
    webhook: Webhook, dataset: Dataset, owner: User, receiver: Receiver, django_capture_on_commit_callbacks: Any
):
    User.objects.filter(pk=owner.pk).update(email="owner@example.org")
    receiver.answers = [410]
    happen(dataset)
    with django_capture_on_commit_callbacks(execute=True):
        assert send(Delivery.objects.get()).state == "failed"
    webhook.refresh_from_db()
    assert "410" in webhook.disabled_reason
    assert [(one.to, "switched off" in one.subject) for one in mail.outbox] == [(["owner@example.org"], True)]
    happen(dataset, "batch 2")
    assert Delivery.objects.count() == 1


def test_five_days_without_success_switch_a_webhook_off_and_saving_it_switches_it_on(
    webhook: Webhook, dataset: Dataset, receiver: Receiver
):
    receiver.answers = [500]
    happen(dataset)
    happen(dataset, "batch 2")
    first, second = Delivery.objects.order_by("created_at")
    Webhook.objects.update(failing_since=timezone.now() - FAILING_FOR + timedelta(minutes=1))
    send(first)
    webhook.refresh_from_db()
    assert webhook.is_active
    Webhook.objects.update(failing_since=timezone.now() - FAILING_FOR)
    send(first)
    webhook.refresh_from_db()
    second.refresh_from_db()
    assert (webhook.is_active, second.state) == (False, "cancelled")
    change_webhook(webhook=webhook, description="mended")
    happen(dataset, "batch 3")
    assert Delivery.objects.filter(state="queued").count() == 1


def test_a_replay_has_the_same_id_and_body(webhook: Webhook, dataset: Dataset, receiver: Receiver):
    happen(dataset)
    send(replay(webhook=webhook, delivery=send(Delivery.objects.get())))
    first, again = receiver.got
    assert (first.headers["webhook-id"], first.body) == (again.headers["webhook-id"], again.body)


def test_only_the_chosen_kinds_and_the_own_dataset_are_told(dataset: Dataset, owner: User, receiver: Receiver):
    create_webhook(dataset=dataset, by=owner, url=receiver.url, kinds=["quiz.closed"])
    happen(dataset)
    other = Dataset.objects.create(name="Brass", slug="brass")
    happen(other)
    assert not Delivery.objects.exists()
    assert not Event.objects.exists()


def test_an_event_is_recorded_once_for_its_subject(webhook: Webhook, dataset: Dataset):
    happen(dataset)
    happen(dataset)
    assert (Event.objects.count(), Delivery.objects.count()) == (1, 1)


def test_the_sweep_sends_what_is_due_and_nothing_else(
    webhook: Webhook, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    from microdb.webhooks import tasks

    sent: list[str] = []
    monkeypatch.setattr(tasks.deliver, "delay", sent.append)
    happen(dataset)
    happen(dataset, "batch 2")
    due, later = Delivery.objects.order_by("created_at")
    Delivery.objects.filter(pk=later.pk).update(next_try_at=timezone.now() + timedelta(hours=1))
    sweep()
    sweep()
    assert sent == [str(due.pk)]
    Delivery.objects.filter(pk=later.pk).update(next_try_at=timezone.now())
    sweep()
    assert sent == [str(due.pk), str(later.pk)]
    Delivery.objects.filter(pk=due.pk).update(enqueued_at=timezone.now() - timedelta(minutes=10))
    sweep()
    assert sent[2:] == [str(due.pk)]


def test_the_log_is_kept_for_30_days(webhook: Webhook, dataset: Dataset):
    happen(dataset)
    happen(dataset, "batch 2")
    done, waiting = Delivery.objects.order_by("created_at")
    send(done)
    Event.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert drop_old_events() == 1
    assert Delivery.objects.get() == waiting
