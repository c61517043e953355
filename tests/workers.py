"""Real Celery workers of a test, on the test's own database and queues."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings


def database_url() -> str:
    """The URL of the database that holds this test's rows."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + settings.DATABASES["default"]["NAME"]).geturl()


@contextmanager
def celery_worker(queues: str, log: Path, concurrency: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process group of its own; ended with all its children afterwards."""
    environment = {**os.environ, "DATABASE_URL": database_url(), "OMP_NUM_THREADS": "1"}
    environment["CLASSIFIER_CONFIG"] = str(settings.CLASSIFIER_CONFIG)
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "microdb",
        "worker",
        "-Q",
        queues,
        "--concurrency",
        str(concurrency),
    ]
    command += ["--without-gossip", "--without-mingle", "-n", f"test-{time.monotonic_ns()}@%h", "--loglevel", "INFO"]
    with log.open("ab") as out:
        worker = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdout=out, stderr=out, start_new_session=True
        )
        try:
            yield worker
        finally:
            kill(worker)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the worker and its children at once; none of them can say goodbye."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def wait_until(true: Callable[[], bool], *, seconds: float, log: Path) -> None:
    """Return when ``true`` is; fail with the worker's last lines after ``seconds``."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"after {seconds} s:\n" + log.read_text()[-3000:]
        time.sleep(0.05)
