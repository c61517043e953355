"""Lines of the log name the request and the job that they belong to, also in a worker."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.jobs import Job, failures_stored
from microdb.micrographs.models import Dataset, Micrograph, Reading
from microdb.micrographs.tasks import enqueue_reading
from microdb.monitoring.gunicorn_log import RootLogger
from tests.micrographs.conftest import add, media  # noqa: F401 # fixtures
from tests.workers import celery_worker, wait_until

Lines = Callable[[], list[dict[str, Any]]]
ROOT = Path(__file__).resolve().parents[2]


def test_an_answer_carries_the_id_that_its_log_line_has(client: Client, db: None, json_lines: Lines):
    response = client.get("/accounts/login/")
    (line,) = [line for line in json_lines() if line["logger"] == "microdb.monitoring.requests"]
    assert len(response["X-Request-ID"]) == 32
    assert line["request_id"] == response["X-Request-ID"]
    assert line["time"].endswith("+00:00")
    assert {name: line[name] for name in ("level", "method", "route", "status")} == {
        "level": "INFO",
        "method": "GET",
        "route": "accounts/login/",
        "status": 200,
    }
    assert line["milliseconds"] >= 0


def test_the_proxys_id_is_taken_and_what_is_no_id_is_not(client: Client, db: None):
    assert client.get("/healthz", headers={"x-request-id": "abc-DEF_123"})["X-Request-ID"] == "abc-DEF_123"
    for given in ("short", "x" * 65, "a b c d e f g", 'x"}\\n{"level": "forged'):
        assert client.get("/healthz", headers={"x-request-id": given})["X-Request-ID"] != given


def test_the_line_names_the_user_and_neither_the_address_nor_what_was_sent(
    signed_in: Client, owner: User, dataset: Dataset, json_lines: Lines
):
    signed_in.get("/datasets/steels/?q=secret")
    (line,) = [line for line in json_lines() if line["logger"] == "microdb.monitoring.requests"]
    assert line["route"] == "datasets/<slug:slug>/"
    assert line["user"] == owner.pk
    assert "secret" not in json.dumps(line)
    assert "steels" not in json.dumps(line)


def test_requests_of_health_checks_are_not_logged(client: Client, json_lines: Lines):
    client.get("/healthz")
    assert [line for line in json_lines() if line["logger"] == "microdb.monitoring.requests"] == []


def test_a_bug_is_logged_with_the_requests_id_and_its_traceback(
    signed_in: Client, dataset: Dataset, json_lines: Lines, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("microdb.micrographs.views.datasets.render", None)
    signed_in.raise_request_exception = False
    response = signed_in.get("/datasets/")
    (line,) = [line for line in json_lines() if line["level"] == "ERROR" and line["logger"] == "microdb.error_pages"]
    assert response.status_code == 500
    assert line["request_id"] == response["X-Request-ID"]
    assert "TypeError" in line["exception"]


def test_what_is_logged_during_a_job_names_it(add: Callable[..., Micrograph], json_lines: Lines):  # noqa: F811
    one = add(0)
    Reading.objects.filter(pk=one.pk).update(state=Job.State.QUEUED)
    reading = Reading.objects.claim(one.pk)
    assert reading is not None
    with failures_stored(reading):
        raise RuntimeError("a bug")
    (line,) = [line for line in json_lines() if "failed, error" in line["message"]]
    assert (line["job"], line["job_id"]) == ("Reading", str(one.pk))


@pytest.mark.django_db(transaction=True)
def test_a_workers_lines_carry_the_id_of_the_request_that_asked_for_the_work(
    add: Callable[..., Micrograph],  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    from microdb.log_context import log_with

    one, log = add(0), tmp_path / "worker.log"
    Path(one.master.path).unlink()
    Micrograph.objects.filter(pk=one.pk).update(state=Micrograph.State.READING)
    Reading.objects.filter(pk=one.pk).update(state=Job.State.QUEUED)
    one.refresh_from_db()
    monkeypatch.setenv("LOG_FORMAT", "json")
    monkeypatch.setenv("METRICS_TOKEN", "on")
    monkeypatch.setenv("ALIVE_FILE", str(tmp_path / "alive"))
    with log_with(request_id="request-of-the-test"):
        enqueue_reading(one)
    with celery_worker("ingest", log):
        wait_until(lambda: "request-of-the-test" in log.read_text(), seconds=60, log=log)
        wait_until((tmp_path / "alive").exists, seconds=10, log=log)
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line.get("request_id")][:1]
    assert line["task"] == "micrographs.tasks.read_micrograph"
    assert len(line["task_id"]) == 36


def test_an_unknown_format_is_refused_in_words(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "LOG_FORMAT": "xml"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "LOG_FORMAT is line or json; xml was given." in done.stderr


def test_gunicorn_logs_through_the_root_logger():
    from gunicorn.config import Config

    logger = RootLogger(Config())
    assert logger.error_log.handlers == []
    assert logger.error_log.propagate
