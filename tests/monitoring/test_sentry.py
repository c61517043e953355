"""Reports of errors hold what a developer needs and nothing about people."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
from django.db import IntegrityError
from django.test import Client
from sentry_sdk.transport import Transport

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset
from microdb.monitoring.sentry import start_sentry

ROOT = Path(__file__).resolve().parents[2]
DSN = "http://key@127.0.0.1:9/1"
LOCAL, EMAIL, QUERY, COOKIE, BROWSER = "a password", "ada@example.org", "quenched", "biscuit", "Ada's browser"
"""What must not be in a report. It shows the source around each frame, so they stand apart from it."""


class Kept(Transport):
    """Keeps the events that would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.events += [event for item in envelope.items if (event := item.get_event()) is not None]


@pytest.fixture
def sent() -> Iterator[list[dict[str, Any]]]:
    start_sentry(DSN)
    client = sentry_sdk.get_client()
    client.transport = kept = Kept()
    try:
        yield kept.events
    finally:
        client.close()
        sentry_sdk.init()


def broken(*_: object, **__: object) -> None:
    password = LOCAL  # noqa: F841 # a local variable, which must not be reported
    raise IntegrityError(f"Key '{EMAIL}' of {EMAIL}\nDETAIL: Key (email)=({EMAIL}) already exists.")


def test_a_report_holds_the_stack_and_the_ids_and_no_personal_data(
    sent: list[dict[str, Any]],
    signed_in: Client,
    owner: User,
    dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("microdb.micrographs.views.datasets.render", broken)
    signed_in.raise_request_exception = False
    signed_in.cookies["other"] = COOKIE
    answer = signed_in.get(f"/datasets/?q={QUERY}", headers={"user-agent": BROWSER})
    assert answer.status_code == 500
    (event,) = sent
    assert event["tags"]["request_id"] == answer["X-Request-ID"]
    last = event["exception"]["values"][-1]
    assert last["value"] == "Key [value] of [e-mail]"
    assert last["stacktrace"]["frames"][-1]["function"] == "broken"
    for text in (LOCAL, EMAIL, QUERY, COOKIE, BROWSER):
        assert text not in str(event)
    assert owner.username not in str({**event, "exception": None})


@pytest.mark.parametrize(("given", "shown"), [({}, "False"), ({"SENTRY_DSN": DSN}, "True")])
def test_the_library_is_loaded_only_where_an_address_is_set(given: dict[str, str], shown: str):
    code = "import sys, django; django.setup(); print('sentry_sdk' in sys.modules)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "microdb.settings", **given}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == shown, done.stderr
