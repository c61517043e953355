"""E-mail: queued after the transaction, delivered by a worker, tried again, and set up by the environment."""

import logging
import os
import smtplib
import socket
import subprocess
import sys
from pathlib import Path

import celery.exceptions
import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives, send_mail
from django.db import transaction

from microdb.accounts import mail as queued
from microdb.accounts.tasks import RETRIES, deliver

FIELDS = {"subject": "Hello", "body": "A text", "from_email": "a@example.org", "to": ["b@example.org"]}
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def messages(settings, monkeypatch) -> list[dict[str, object]]:
    """What requests put into the queue."""
    sent: list[dict[str, object]] = []
    settings.EMAIL_BACKEND = "microdb.accounts.mail.QueuedEmailBackend"
    monkeypatch.setattr(queued.deliver, "delay", sent.append)
    return sent


@pytest.mark.django_db(transaction=True)
def test_a_message_is_queued_once_the_transaction_is_committed(messages):
    with transaction.atomic():
        send_mail("Hello", "A text", None, ["b@example.org"])
        assert messages == []
    assert [message["subject"] for message in messages] == ["Hello"]


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_sends_nothing(messages):
    with transaction.atomic():
        send_mail("Hello", "A text", None, ["b@example.org"])
        transaction.set_rollback(True)
    assert messages == []


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_away_stops_no_request(settings, monkeypatch, caplog):
    settings.EMAIL_BACKEND = "microdb.accounts.mail.QueuedEmailBackend"
    monkeypatch.setattr(queued.deliver, "delay", lambda fields: 1 / 0)
    with transaction.atomic():
        send_mail("Hello", "A text", None, ["b@example.org"])
    assert "on_commit" in caplog.text


def test_html_is_refused_rather_than_dropped(messages):
    message = EmailMultiAlternatives(**FIELDS)
    message.attach_alternative("<b>A text</b>", "text/html")
    with pytest.raises(ValueError, match="plain text"):
        message.send()


def test_the_worker_delivers_what_was_queued(settings):
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    deliver.apply(args=[FIELDS], throw=True)
    (message,) = mail.outbox
    assert (message.subject, message.body, message.to) == ("Hello", "A text", ["b@example.org"])


def test_a_mail_server_that_is_away_is_tried_again_later_and_at_last_logged(settings, caplog):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = nobody.getsockname()
        with pytest.raises((celery.exceptions.Retry, OSError)):
            deliver.apply(args=[FIELDS], throw=True, retries=0)
        deliver.apply(args=[FIELDS], throw=True, retries=RETRIES)
    assert "“Hello” is sent again in 30 s" in caplog.text
    assert "“Hello” to b@example.org was not delivered" in caplog.text


def test_an_address_that_the_server_refuses_is_logged_and_not_tried_again(settings, caplog, monkeypatch):
    def refuse(*_: object) -> None:
        raise smtplib.SMTPRecipientsRefused({"b@example.org": (550, b"no such user")})

    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    with caplog.at_level(logging.ERROR):
        deliver.apply(args=[FIELDS], throw=True)
    assert "The mail server refuses “Hello” to b@example.org" in caplog.text


def settings_with(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The e-mail settings that Django has in this environment."""
    show = "from django.conf import settings as s; print(s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_HOST_USER, " \
        "s.EMAIL_HOST_PASSWORD, s.EMAIL_USE_TLS, s.EMAIL_USE_SSL, s.DEFAULT_FROM_EMAIL, s.SENDS_EMAIL)"  # fmt: skip
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {show}"],
        cwd=ROOT,
        env={**kept, "VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "microdb.settings", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("smtp+tls://ada:p%40ss@mail.example.org", "mail.example.org 587 ada p@ss True False"),
        ("smtps://mail.example.org", "mail.example.org 465   False True"),
        ("smtp://localhost:2525", "localhost 2525   False False"),
    ],
)
def test_one_variable_describes_the_mail_server(tmp_path, url: str, shown: str):
    done = settings_with(tmp_path, EMAIL_URL=url, EMAIL_FROM="lab@example.org")
    assert done.stdout.strip() == f"{shown} lab@example.org True", done.stderr


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"EMAIL_URL": "mail.example.org", "EMAIL_FROM": "a@b.org"}, "EMAIL_URL is smtp+tls://"),
        ({"EMAIL_URL": "smtp://mail.example.org"}, "Set EMAIL_FROM"),
        ({"OIDC_SERVER_URL": "https://id.example.org"}, "Set OIDC_CLIENT_ID"),
        ({"OIDC_SERVER_URL": "id", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b"}, "OIDC_SERVER_URL is an address"),
    ],
)
def test_half_a_configuration_is_refused_in_words(tmp_path, environment: dict[str, str], sentence: str):
    done = settings_with(tmp_path, **environment)
    assert done.returncode != 0
    assert sentence in done.stderr
