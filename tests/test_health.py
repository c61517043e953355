"""Liveness, readiness and the refusal to start half-configured."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from microdb import health
from microdb.celery import app
from microdb.storage import WholeFileStorage

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def no_earlier_report() -> None:
    health.report.forget()


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """``manage.py`` with nothing of this test run's configuration but what is given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_web_process_says_that_it_lives():
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_readiness_names_the_queues_that_no_worker_serves(db):
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json() == {
        "status": "not ready",
        "database": "ok",
        "queue": "ok",
        "storage": "ok",
        "temporary_files": "ok",
        "workers": "no worker on: ingest, train, score, lettering, batch, sweep, webhooks",
    }


def test_readiness_says_when_the_queue_is_unreachable(db, monkeypatch):
    monkeypatch.setattr(app.conf, "broker_read_url", "redis://127.0.0.1:1/0")
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["queue"].startswith("unreachable")
    assert response.json()["database"] == "ok"


def test_readiness_says_by_writing_when_the_disk_is_full(db, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(WholeFileStorage, "_flush", full)
    response = Client().get("/readyz")
    assert (response.status_code, response.json()["storage"]) == (503, "the disk is full")
    assert default_storage.listdir("partial") == ([], []), "nothing of the probe is left"


def test_a_flood_of_readiness_requests_is_one_check(db, monkeypatch):
    checks: list[int] = []
    monkeypatch.setitem(health.CHECKS, "storage", lambda: checks.append(1) or "ok")
    for _ in range(20):
        Client().get("/readyz")
    assert len(checks) == 1


def test_while_a_check_runs_other_requests_get_the_report_before(db, monkeypatch):
    before = health.report.outcomes()
    health.report.forget()
    running, goes_on = threading.Event(), threading.Event()

    def slow() -> str:
        running.set()
        goes_on.wait(30)
        return "slow"

    monkeypatch.setattr(health, "CHECKS", {"storage": slow})
    checking = threading.Thread(target=health.report.outcomes)
    checking.start()
    running.wait(30)
    assert health.report.outcomes() == before
    goes_on.set()
    checking.join()
    assert health.report.outcomes() == {"storage": "slow"}


def test_a_check_that_hangs_is_not_ready_whatever_the_report_before_was(db, monkeypatch):
    monkeypatch.setattr(health, "CHECKS", {"storage": lambda: "ok"})
    monkeypatch.setattr(health, "LONGEST_SECONDS", 0.0)
    assert Client().get("/readyz").status_code == 200
    health.report.forget()
    running, goes_on = threading.Event(), threading.Event()

    def hangs() -> str:
        running.set()
        goes_on.wait(30)
        return "ok"

    monkeypatch.setattr(health, "CHECKS", {"storage": hangs})
    checking = threading.Thread(target=health.report.outcomes)
    checking.start()
    running.wait(30)
    answer = Client().get("/readyz")
    goes_on.set()
    checking.join()
    assert (answer.status_code, answer.json()["checks"]) == (503, "no outcome for 0 seconds")
    assert Client().get("/readyz").status_code == 200


def test_outside_the_demo_a_secret_is_demanded(tmp_path):
    done = manage("check", DATABASE_URL="postgres://u:p@localhost/db", VAR=str(tmp_path))
    assert done.returncode != 0
    assert "Set SECRET_KEY: outside the demo it has no default." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_with_nothing_running_says_so_in_one_sentence(tmp_path):
    done = manage("api_token", "somebody", VAR=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("error: Nothing is running for VAR=")
    assert "Traceback" not in done.stderr
