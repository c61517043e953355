"""Many readers who take a quiz at the same time, also while the server's worker processes are killed."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psutil
from django.conf import settings

from microdb.quizzes.models import Answer
from microdb.stack.process.service import Service
from microdb.stack.site import site_services
from tests.quizzes.reader import Reader


@contextmanager
def web(var: Path, database_url: str) -> Iterator[tuple[Service, int]]:
    """The site's own web service, as quickstart runs it, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {"DATABASE_URL": database_url, "REDIS_URL": os.environ["REDIS_URL"], "LOG_LEVEL": "ERROR"}
    services = site_services(base=settings.BASE_DIR, var=var, host="127.0.0.1", port=port, environment=environment)
    service = next(service for service in services if service.name == "web")
    collect_static()
    service.start()
    try:
        _wait_for(port)
        yield service, port
    finally:
        service.stop()


def crowd(slug: str, port: int, *, readers: int, think: float) -> list[Reader]:
    """Let them all sit at the same time and wait for the last."""
    people = [Reader(slug, port, number, think) for number in range(readers)]
    threads = [threading.Thread(target=_note_error, args=[reader]) for reader in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return people


@contextmanager
def killing(master: int, every: float) -> Iterator[list[int]]:
    """SIGKILL one worker process of this gunicorn every so many seconds; the killed ones."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while not over.wait(every):
            workers = psutil.Process(master).children()
            if len(workers) > 1:
                killed.append(workers[0].pid)
                os.kill(workers[0].pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def kept_answers(reader: Reader) -> dict[str, str]:
    """What the database holds of this reader, by question key."""
    rows = Answer.objects.filter(ballot__key=reader.ballot.rsplit("/", 1)[1]).select_related("question")
    return {str(row.question.key): row.choice for row in rows}


def _note_error(reader: Reader) -> None:
    try:
        reader.sit()
    except Exception as error:  # noqa: BLE001 # told by whoever looks at the reader
        reader.error = f"{type(error).__name__}: {error}"


@cache
def collect_static() -> None:
    """Once: all of a run's web services share their static files, and collecting takes seconds."""
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(collect, cwd=settings.BASE_DIR, check=True)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the web service did not start"
            time.sleep(0.1)
