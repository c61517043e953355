"""A worker is killed while it delivers: the event arrives again with the same webhook-id, by another worker."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from microdb.jobs import STALE_AFTER
from microdb.micrographs.models import Dataset
from microdb.webhooks.models import Delivery, Webhook
from microdb.webhooks.tasks import sweep
from tests.webhooks.conftest import happen
from tests.webhooks.receiver import Receiver
from tests.workers import celery_worker, kill, wait_until


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_no_event_and_its_repetition_can_be_recognised(
    webhook: Webhook, dataset: Dataset, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WEBHOOKS_TO_PRIVATE_ADDRESSES", "1")
    log = tmp_path / "worker.log"
    receiver.delay = 5.0
    with celery_worker("webhooks", log) as worker:
        happen(dataset)
        sweep()
        wait_until(lambda: receiver.got, seconds=90, log=log)
        kill(worker)
    assert Delivery.objects.get().state == "running"
    receiver.delay = 0.0
    Delivery.objects.update(heartbeat_at=timezone.now() - STALE_AFTER - timedelta(seconds=1))
    with celery_worker("webhooks", log):
        sweep()
        wait_until(lambda: Delivery.objects.get().state == "done", seconds=90, log=log)
    assert [request.headers["webhook-id"] for request in receiver.got] == [str(Delivery.objects.get().event_id)] * 2
    assert receiver.got[0].body == receiver.got[1].body
