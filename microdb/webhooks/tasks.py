"""The queue of deliveries: the sweep that sends what is due, and the worker's task."""

from typing import Any

from celery import Task, shared_task

from microdb.jobs import failures_stored, is_redelivered
from microdb.webhooks.models import Delivery
from microdb.webhooks.sending import ATTEMPT_SECONDS, attempt
from microdb.webhooks.services import drop_old_events, settle_attempt


def enqueue_delivery(delivery: Delivery) -> None:
    """Send it at once, because a person is waiting."""
    deliver.delay_on_commit(str(delivery.pk))


@shared_task(bind=True, soft_time_limit=ATTEMPT_SECONDS, time_limit=ATTEMPT_SECONDS + 10)  # type: ignore[untyped-decorator] # Celery has no types
def deliver(self: "Task[Any, Any]", pk: str) -> None:
    """Make one attempt and store what came of it."""
    rows = Delivery.objects.select_related("event__dataset", "webhook__dataset", "recipient")
    delivery = rows.claim(pk, redelivered=is_redelivered(self))
    if delivery is None:
        return
    with failures_stored(delivery):
        settle_attempt(delivery=delivery, outcome=attempt(delivery))


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def sweep() -> None:
    """Send what is due, new or again, and what a lost worker had."""
    for pk in [*Delivery.objects.release_stale(), *Delivery.objects.take_due()]:
        deliver.delay(str(pk))


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def purge() -> None:
    """Delete the old part of the log."""
    drop_old_events()
