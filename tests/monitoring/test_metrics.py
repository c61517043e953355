"""What Prometheus reads: requests, jobs, queues, workers, disks; and who may read it."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from microdb import heartbeats
from microdb.celery import app
from microdb.jobs import Job, failures_stored
from microdb.micrographs.models import Micrograph, Reading
from microdb.monitoring.metrics import present
from microdb.stack.process.ports import free_port
from microdb.upkeep.checking import check_files
from tests.micrographs.conftest import add, media  # noqa: F401 # fixtures
from tests.monitoring.conftest import TOKEN, Samples

Scrape = Callable[[], Samples]
Add = Callable[..., Micrograph]
ROOT = Path(__file__).resolve().parents[2]


def test_metrics_are_off_without_a_token(client: Client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", f"Token {TOKEN}", f"Basic {TOKEN}", "Bearer ü"])
def test_metrics_are_refused_without_the_right_token(client: Client, metrics_on: None, header: str | None):
    headers = {"authorization": header} if header else {}
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 401
    assert "microdb_" not in response.text


def test_requests_are_counted_by_route_and_status(scrape: Scrape, client: Client, db: None):
    name, route = "microdb_http_requests_total", "accounts/login/"
    before = scrape()
    client.get("/accounts/login/?next=/x")
    client.generic("BREW", "/no/such/page-1/")
    after = scrape()
    assert after[name, "GET", route, "200"] - before.get((name, "GET", route, "200"), 0) == 1
    assert after[name, "other", "unmatched", "404"] - before.get((name, "other", "unmatched", "404"), 0) == 1
    assert after["microdb_http_request_seconds_count", "GET", route] >= 1
    assert not any("page-1" in part for sample in after for part in sample)


def test_waiting_jobs_are_counted_with_the_age_of_the_oldest(scrape: Scrape, add: Add):  # noqa: F811
    rows = [add(seed) for seed in range(2)]
    Reading.objects.filter(micrograph__in=rows).update(
        state=Job.State.QUEUED, created_at=timezone.now() - timedelta(minutes=5)
    )
    samples = scrape()
    assert samples["microdb_jobs", "reading", "queued"] == 2
    assert samples["microdb_jobs", "reading", "running"] == 0
    assert samples["microdb_jobs_oldest_seconds", "reading", "queued"] == pytest.approx(300, abs=30)
    assert samples["microdb_jobs", "model_version", "queued"] == 0
    assert samples["microdb_jobs", "score", "running"] == 0


@pytest.mark.django_db(transaction=True)
def test_ended_jobs_are_counted_with_their_times(scrape: Scrape, add: Add):  # noqa: F811
    one = add(0)
    before = scrape()
    for bug in (False, True):
        now = timezone.now()
        Reading.objects.filter(pk=one.pk).update(
            state=Job.State.QUEUED, created_at=now - timedelta(seconds=20), started_at=now - timedelta(seconds=3)
        )
        reading = Reading.objects.claim(one.pk)
        assert reading is not None
        reading.deliveries = 3
        with failures_stored(reading):
            if bug:
                raise RuntimeError
            reading.finish()
    after = scrape()

    def grown(*sample: str) -> float:
        return after[sample] - before.get(sample, 0)

    assert grown("microdb_jobs_ended_total", "reading", "done") == 1
    assert grown("microdb_jobs_ended_total", "reading", "failed") == 1
    assert grown("microdb_job_run_seconds_bucket", "reading", "2.0") == 0
    assert grown("microdb_job_run_seconds_bucket", "reading", "5.0") == 2
    assert grown("microdb_job_run_seconds_count", "reading") == 2
    assert grown("microdb_job_wait_seconds_sum", "reading") == pytest.approx(34, abs=2)


def test_messages_that_wait_are_counted_by_queue(scrape: Scrape, db: None):
    before = scrape()["microdb_queue_messages", "ingest"]
    with app.connection_for_write() as connection:
        client = connection.default_channel.client
        client.lpush("ingest", "x")
        client.lpush("ingest-3", "x")
        try:
            assert scrape()["microdb_queue_messages", "ingest"] == before + 2
        finally:
            client.lrem("ingest", 1, "x")
            client.lrem("ingest-3", 1, "x")


def test_a_worker_counts_as_long_as_it_shows_signs_of_life(scrape: Scrape, db: None, monkeypatch: pytest.MonkeyPatch):
    heartbeats.redis().hset(heartbeats.KEY, "score@here", f"{time.time():.0f} score batch")
    heartbeats.redis().hset(heartbeats.KEY, "ingest@hung", f"{time.time() - 300:.0f} ingest")
    heartbeats.redis().hset(heartbeats.KEY, "train@gone", f"{time.time() - 7200:.0f} train")
    samples = scrape()
    assert samples["microdb_workers", "score"] == 1
    assert samples["microdb_workers", "ingest"] == 0
    assert samples["microdb_heartbeat_age_seconds", "ingest@hung"] == pytest.approx(300, abs=30)
    assert ("microdb_heartbeat_age_seconds", "train@gone") not in samples


def test_the_disk_the_database_the_check_of_files_and_the_backup_are_shown(scrape: Scrape, add: Add):  # noqa: F811
    one = add(0)
    Path(one.thumbnail.path).unlink()
    check_files()
    cache.set(present.LAST_BACKUP, "2026-11-27T06:45:00+00:00")
    samples = scrape()
    assert 0 < samples["microdb_disk_free_bytes", "storage"] < samples["microdb_disk_size_bytes", "storage"]
    assert samples["microdb_disk_free_bytes", "temporary"] > 0
    assert samples["microdb_database_bytes",] > 1e6
    assert samples["microdb_file_problems", "missing"] == 1
    assert samples["microdb_file_check_timestamp_seconds",] == pytest.approx(time.time(), abs=60)
    assert samples["microdb_backup_timestamp_seconds",] == 1795761900


def test_a_part_that_does_not_answer_is_named_and_the_others_are_there(
    scrape: Scrape, db: None, monkeypatch: pytest.MonkeyPatch
):
    def away() -> list[object]:
        raise DatabaseError("away")

    monkeypatch.setitem(present.PARTS, "jobs", away)
    samples = scrape()
    assert samples["microdb_scrape_failed", "jobs"] == 1
    assert ("microdb_jobs", "score", "queued") not in samples
    assert samples["microdb_disk_free_bytes", "temporary"] > 0


def test_a_scrape_takes_as_many_queries_for_many_jobs_as_for_few(
    scrape: Scrape,
    add: Add,  # noqa: F811
    django_assert_num_queries,
    django_assert_max_num_queries,
):
    add(0)
    with django_assert_max_num_queries(12) as few:
        scrape()
    for seed in range(1, 4):
        add(seed)
    with django_assert_num_queries(len(few)):
        scrape()


def test_every_metric_is_described_and_the_example_alerts_use_no_other(
    metrics_on: None,
    add: Add,  # noqa: F811
    client: Client,
):
    check_files()
    cache.set(present.LAST_BACKUP, "2026-11-27T06:45:00+00:00")
    text = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).text
    shown = set(re.findall(r"^# HELP (microdb_[a-z_]+)", text, re.MULTILINE))
    shown = {name for name in shown if not name.endswith("_created")}
    page = (ROOT / "docs/reference/metrics.md").read_text()
    described = set(re.findall(r"^\| `(microdb_[a-z_]+)", page, re.MULTILINE))
    assert described == shown
    rules = yaml.safe_load((ROOT / "docker/alerts.yaml").read_text())
    expressions = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    used = {name for text in expressions for name in re.findall(r"microdb_[a-z_]+", text)}
    assert used <= described | {f"{name}_bucket" for name in described}


def test_the_processes_of_gunicorn_add_up(tmp_path: Path, db: None):
    port, folder = free_port(), tmp_path / "numbers"
    folder.mkdir()
    command = ["-m", "gunicorn", "microdb.wsgi", "--preload", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    given = {"METRICS_TOKEN": TOKEN, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    server = subprocess.Popen([sys.executable, *command], cwd=ROOT, env={**os.environ, **given})
    try:
        wanted, end = 30, time.monotonic() + 60
        while not answers(port, "/healthz"):
            assert time.monotonic() < end
            time.sleep(0.2)
        for _ in range(wanted - 1):
            assert answers(port, "/healthz")
        line = 'microdb_http_requests_total{method="GET",route="healthz",status="200"} 30.0'
        assert [line in answers(port, "/metrics") for _ in range(5)] == [True] * 5
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def answers(port: int, path: str) -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {TOKEN}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return str(response.read().decode())
    except OSError:
        return ""
