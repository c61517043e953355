"""One attempt to deliver an event: an HTTP request to a webhook, or an e-mail."""

import ssl
import time
from dataclasses import dataclass
from smtplib import SMTPException

import httpx
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import get_connection, send_mail
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.models import Dataset
from microdb.webhooks.addresses import resolve_target
from microdb.webhooks.models import Delivery, Event, EventKind, Webhook
from microdb.webhooks.signing import signature_header

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
ATTEMPT_SECONDS = 20
"""Of one attempt altogether; the worker is interrupted after it."""
KEPT_BYTES = 1024
GONE = 410


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt. ``retry_after`` is what the receiver asked for, in seconds."""

    seconds: float = 0.0
    status: int | None = None
    answer: str = ""
    error: str = ""
    retry_after: int = 0
    is_hopeless: bool = False

    @property
    def is_success(self) -> bool:
        return not self.error


def attempt(delivery: Delivery) -> Outcome:
    """Send the delivery's event once. Every failure is an outcome."""
    start = time.monotonic()
    try:
        if delivery.webhook:
            return post(delivery.webhook, delivery.event)
        assert delivery.recipient  # a constraint says so
        return mail(delivery.recipient, delivery.event)
    except MicroDBError as error:
        return Outcome(time.monotonic() - start, error=error.message)
    except SoftTimeLimitExceeded:
        return Outcome(ATTEMPT_SECONDS, error=_("No whole answer within %d seconds.") % ATTEMPT_SECONDS)
    except (httpx.HTTPError, SMTPException, OSError) as error:
        return Outcome(time.monotonic() - start, error=f"{type(error).__name__}: {error}"[:500])


def post(webhook: Webhook, event: Event) -> Outcome:
    """POST the event to a checked address. Redirects are not followed, and one kilobyte of the answer is read."""
    target = resolve_target(webhook.url)
    start, now, body = time.monotonic(), int(time.time()), event.body
    headers = {
        "Host": target.host_header,
        "Content-Type": "application/json",
        "User-Agent": "MicroDB-Webhooks/1",
        "webhook-id": str(event.pk),
        "webhook-timestamp": str(now),
        "webhook-signature": signature_header(webhook, str(event.pk), now, body),
    }
    with (
        httpx.Client(verify=tls_context(), timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client,
        client.stream(
            "POST", target.pinned_url, content=body, headers=headers, extensions={"sni_hostname": target.host}
        ) as response,
    ):
        kept = b""
        for piece in response.iter_raw(KEPT_BYTES):
            kept += piece
            if len(kept) >= KEPT_BYTES:
                break
    seconds = time.monotonic() - start
    answer = kept[:KEPT_BYTES].decode("utf-8", "replace").replace("\0", "\ufffd")
    error = "" if response.is_success else _("The receiver answered with status %d.") % response.status_code
    asked = response.headers.get("Retry-After", "")
    wait = int(asked) if asked.isdecimal() and len(asked) < 7 else 0
    gone = response.status_code == GONE
    return Outcome(seconds, response.status_code, answer, error, retry_after=wait, is_hopeless=gone)


def tls_context() -> ssl.SSLContext:
    """Certificates are checked, against the name and not against the address that is connected to."""
    return httpx.create_ssl_context(trust_env=False)


def mail(recipient: User, event: Event) -> Outcome:
    """E-mail the event to a person who may still see the dataset."""
    start = time.monotonic()
    if not recipient.is_active or not recipient.email:
        return Outcome(error=_("This person has no e-mail address or no account any more."), is_hopeless=True)
    if not Dataset.objects.visible_to(recipient).filter(pk=event.dataset_id).exists():
        return Outcome(error=_("This person is no member of the dataset any more."), is_hopeless=True)
    # The delivery is retried here, so the message goes to the mail server itself and not into another queue.
    mail_server = get_connection(settings.MAIL_DELIVERY_BACKEND)
    send_mail(f"MicroDB: {subject_line(event)}", _text(event), None, [recipient.email], connection=mail_server)
    return Outcome(time.monotonic() - start)


def subject_line(event: Event) -> str:
    """What happened, in one line."""
    data, name = event.data, event.dataset.name
    if event.kind == EventKind.BATCH_FINISHED:
        sentence = _("%(done)d of %(total)d micrographs of a batch in %(dataset)s have a verdict")
        return sentence % {"done": data["done"], "total": data["total"], "dataset": name}
    if event.kind == EventKind.TRAINING_FINISHED:
        sentence = _("the training of version %(number)d of %(dataset)s: %(state)s")
        return sentence % {"number": data["model_version"], "dataset": name, "state": data["state"]}
    return _("the quiz %(quiz)s of %(dataset)s was closed") % {"quiz": data.get("title", ""), "dataset": name}


def _text(event: Event) -> str:
    address = f"{settings.SITE_URL}{event.data.get('page', '')}"
    lines = [f"{subject_line(event)}.".capitalize(), address, event.data.get("error", "")]
    ending = _("You get this e-mail because you asked for it under Notifications of the dataset.")
    return "\n\n".join([*(line for line in lines if line), ending])
