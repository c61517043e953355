"""A receiver, and webhooks that may reach it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset, Membership, Role
from microdb.webhooks.models import Delivery, EventKind, Webhook
from microdb.webhooks.services import create_webhook, record_event
from microdb.webhooks.tasks import deliver
from tests.trained import add_drawn, drawn, tiny_classifier, trained  # noqa: F401 # fixtures
from tests.webhooks.receiver import Receiver, receiving

KINDS = ["batch.finished", "training.finished", "quiz.closed"]


@pytest.fixture(autouse=True)
def outside(settings: Any) -> None:
    """Receivers on this machine may be reached, and e-mails are kept in ``mail.outbox``."""
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def webhook(dataset: Dataset, owner: User, receiver: Receiver) -> Webhook:
    return create_webhook(dataset=dataset, by=owner, url=receiver.url, kinds=KINDS)[0]


@pytest.fixture
def member(dataset: Dataset) -> Callable[[str], User]:
    """``member("viewer")``: somebody with that role, who has an e-mail address."""

    def make(role: str) -> User:
        user = User.objects.create_user(role, f"{role}@example.org", "correct horse")
        Membership.objects.create(dataset=dataset, user=user, role=Role(role))
        return user

    return make


def happen(dataset: Dataset, subject: str = "batch 1") -> None:
    """A batch finishes."""
    data = {"batch": "1", "done": 3, "total": 4, "page": "/batches/1/"}
    record_event(kind=EventKind.BATCH_FINISHED, dataset=dataset, subject=subject, data=data)


def send(delivery: Delivery) -> Delivery:
    """What the worker does with the delivery's message."""
    deliver(str(delivery.pk))
    delivery.refresh_from_db()
    return delivery
