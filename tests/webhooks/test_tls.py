"""Deliveries over TLS to a real HTTPS server: what is checked, what is sent, and what the receiver can do to us."""

import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from celery.exceptions import SoftTimeLimitExceeded
from standardwebhooks import Webhook as StandardWebhook
from standardwebhooks import WebhookVerificationError

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset
from microdb.webhooks import addresses, sending
from microdb.webhooks.models import Delivery
from microdb.webhooks.services import create_webhook
from tests.webhooks.conftest import KINDS, happen, send
from tests.webhooks.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db

HOST = "hooks.example.org"


@pytest.fixture
def ca(monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that the site trusts; names of example.org lead to this machine."""
    authority, real_context, look_up = trustme.CA(), sending.tls_context, socket.getaddrinfo

    def context() -> ssl.SSLContext:
        trusting = real_context()
        authority.configure_trust(trusting)
        return trusting

    def to_this_machine(host: str, *given: Any, **more: Any) -> Any:
        return look_up("127.0.0.1" if host.endswith("example.org") else host, *given, **more)

    monkeypatch.setattr(sending, "tls_context", context)
    monkeypatch.setattr(addresses.socket, "getaddrinfo", to_this_machine)
    return authority


def presents(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@contextmanager
def serving(context: ssl.SSLContext, dataset: Dataset, owner: User) -> Iterator[tuple[Receiver, str]]:
    """A receiver with a webhook, one event on its way to it, and the webhook's secret."""
    with receiving(context) as receiver:
        url = f"https://{HOST}:{receiver.port}/hook?from=microdb"
        _webhook, secret = create_webhook(dataset=dataset, by=owner, url=url, kinds=KINDS)
        happen(dataset)
        yield receiver, secret


def test_the_name_goes_into_tls_and_host_while_the_address_is_pinned(
    ca: trustme.CA, dataset: Dataset, owner: User, monkeypatch: pytest.MonkeyPatch
):
    names: list[str | None] = []
    context = presents(ca.issue_cert(HOST))
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with serving(context, dataset, owner) as (receiver, _secret):
        delivery = send(Delivery.objects.get())
    assert (delivery.state, delivery.log.get().status) == ("done", 200), delivery.log.get().error
    assert names == [HOST]
    assert receiver.got[0].headers["Host"] == f"{HOST}:{receiver.port}"
    assert receiver.got[0].path == "/hook?from=microdb"


def test_the_reference_implementation_verifies_the_signature_and_nothing_else(
    ca: trustme.CA, dataset: Dataset, owner: User
):
    with serving(presents(ca.issue_cert(HOST)), dataset, owner) as (receiver, secret):
        send(Delivery.objects.get())
    (request,) = receiver.got
    event = StandardWebhook(secret).verify(request.body, dict(request.headers))
    assert event["data"]["done"] == 3
    with pytest.raises(WebhookVerificationError):
        StandardWebhook(secret).verify(request.body.replace("3", "4"), dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        StandardWebhook("whsec_" + "A" * 43 + "=").verify(request.body, dict(request.headers))


def self_signed(_ca: trustme.CA) -> ssl.SSLContext:
    alone = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with alone.cert_pem.tempfile() as certificate, alone.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    return context


def of_an_unknown_authority(_ca: trustme.CA) -> ssl.SSLContext:
    return presents(trustme.CA().issue_cert(HOST))


def of_another_host(ca: trustme.CA) -> ssl.SSLContext:
    return presents(ca.issue_cert("other.example.org"))


def of_the_address(ca: trustme.CA) -> ssl.SSLContext:
    """The address that is connected to is not what was asked for."""
    return presents(ca.issue_cert("127.0.0.1"))


def expired(ca: trustme.CA) -> ssl.SSLContext:
    now = datetime.now(UTC)
    return presents(ca.issue_cert(HOST, not_before=now - timedelta(days=9), not_after=now - timedelta(days=2)))


def not_valid_yet(ca: trustme.CA) -> ssl.SSLContext:
    now = datetime.now(UTC)
    return presents(ca.issue_cert(HOST, not_before=now + timedelta(days=2), not_after=now + timedelta(days=9)))


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        (self_signed, "self-signed certificate"),
        (of_an_unknown_authority, "self-signed certificate in certificate chain|unable to get local issuer"),
        (of_another_host, "Hostname mismatch"),
        (of_the_address, "Hostname mismatch"),
        (expired, "certificate has expired"),
        (not_valid_yet, "certificate is not yet valid"),
    ],
)
def test_a_certificate_that_proves_nothing_gets_nothing(
    ca: trustme.CA, dataset: Dataset, owner: User, certificate: Callable[[trustme.CA], ssl.SSLContext], reason: str
):
    with serving(certificate(ca), dataset, owner) as (receiver, _secret):
        delivery = send(Delivery.objects.get())
    assert (delivery.state, receiver.got) == ("queued", [])
    error = delivery.log.get().error
    assert any(one in error for one in reason.split("|")), error


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_server_is_not_followed(ca: trustme.CA, dataset: Dataset, owner: User, status: int):
    context = presents(ca.issue_cert(HOST))
    with serving(context, dataset, owner) as (receiver, _secret), receiving(context) as elsewhere:
        receiver.answers = [status]
        receiver.headers = {"Location": f"https://{HOST}:{elsewhere.port}/"}
        delivery = send(Delivery.objects.get())
    assert (delivery.state, delivery.log.get().status) == ("queued", status)
    assert (len(receiver.got), elsewhere.got) == (1, [])


def test_a_receiver_that_drips_its_answer_is_left_when_the_worker_interrupts(
    ca: trustme.CA, dataset: Dataset, owner: User
):
    def interrupt(*_: object) -> None:
        raise SoftTimeLimitExceeded

    before = signal.signal(signal.SIGALRM, interrupt)
    with serving(presents(ca.issue_cert(HOST)), dataset, owner) as (receiver, _secret):
        receiver.content, receiver.pause = b"x" * 1000, 0.2
        started = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, 2.0)  # as Celery does after ATTEMPT_SECONDS
        try:
            delivery = send(Delivery.objects.get())
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - started < 20
    assert (delivery.state, delivery.log.get().status) == ("queued", None)
    assert "No whole answer within" in delivery.log.get().error


def test_of_a_large_answer_only_the_beginning_is_taken(ca: trustme.CA, dataset: Dataset, owner: User):
    with serving(presents(ca.issue_cert(HOST)), dataset, owner) as (receiver, _secret):
        receiver.content = b"y" * 100_000_000
        delivery = send(Delivery.objects.get())
    assert (delivery.state, delivery.log.get().answer) == ("done", "y" * 1024)
    assert receiver.written < 20_000_000  # what the buffers of the network take
