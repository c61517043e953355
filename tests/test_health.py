"""Liveness, readiness and the refusal to start half-configured."""

import os
import subprocess
import sys
from pathlib import Path

from django.test import Client

from microdb.celery import app

ROOT = Path(__file__).resolve().parent.parent


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
        "workers": "no worker on: ingest, train, score, batch, sweep",
    }


def test_readiness_says_when_the_queue_is_unreachable(db, monkeypatch):
    monkeypatch.setattr(app.conf, "broker_read_url", "redis://127.0.0.1:1/0")
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["queue"].startswith("unreachable")
    assert response.json()["database"] == "ok"


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
