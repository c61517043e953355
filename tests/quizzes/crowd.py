"""Many readers who take a quiz at the same time over real HTTP, as the browser's script does.

Every answer is sent until the server has acknowledged it, also while its worker processes are killed.
"""

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psutil
from django.conf import settings

from microdb.quizzes.models import Answer
from microdb.stack.service import Service
from microdb.stack.site import site_services

PATIENCE = 90.0
"""Seconds until a request must have been answered at last."""


@dataclass
class Reader:
    """One person: what the server has acknowledged, by question key, and how long its answers took in seconds."""

    slug: str
    port: int
    number: int
    think: float
    acknowledged: dict[str, str] = field(default_factory=dict)
    latencies: dict[str, list[float]] = field(default_factory=lambda: {"page": [], "image": [], "answer": []})
    retries: int = 0
    ballot: str = ""
    error: str = ""

    def sit(self) -> None:
        """Begin, look at every question and answer it, change some answers, submit."""
        chance = random.Random(self.number)
        time.sleep(chance.uniform(0, self.think))
        first = f"/quiz/{self.slug}/"
        token = _token(self._ask("GET", first, "page")[1])
        said = {"nickname": f"R{self.number}", "panel": "expert", "consents": "on", "csrfmiddlewaretoken": token}
        self.ballot = self._ask("POST", first, "page", said)[2].rsplit("/", 2)[0]
        page = self._ask("GET", f"{self.ballot}/1/", "page")[1]
        token, choices = _token(page), re.findall(r'name="choice" value="(\w+)"', page)
        sheet = json.loads(re.search(r'id="ballot-sheet" type="application/json">(.*?)</script>', page)[1])
        for question in [*sheet["questions"], *chance.sample(sheet["questions"], len(sheet["questions"]) // 4)]:
            self._ask("GET", question["image"], "image")
            time.sleep(chance.expovariate(1 / self.think))
            fields = {"question": question["key"], "choice": chance.choice(choices), "active_ms": "1200"}
            status, body, _to = self._ask("POST", f"{self.ballot}/answer/", "answer", fields, token)
            assert status == 200, body
            self.acknowledged[question["key"]] = json.loads(body)["saved"]
        assert self._ask("POST", f"{self.ballot}/submit/", "page", {}, token)[2].endswith("/compare/")

    def _ask(
        self, method: str, path: str, kind: str, fields: dict[str, str] | None = None, token: str = ""
    ) -> tuple[int, str, str]:
        """Ask until there is an answer; its status, text and redirection."""
        deadline = time.monotonic() + PATIENCE
        while True:
            started = time.monotonic()
            try:
                answer = self._once(method, path, fields, token)
            except (OSError, http.client.HTTPException):
                answer = (503, "", "")
            if answer[0] < 500:
                self.latencies[kind].append(time.monotonic() - started)
                return answer
            assert time.monotonic() < deadline, f"{method} {path} was not answered"
            self.retries += 1
            time.sleep(0.2)

    def _once(self, method: str, path: str, fields: dict[str, str] | None, token: str) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Accept": "application/json", "Cookie": self._cookie, "X-CSRFToken": token}
        body = urlencode(fields) if fields is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        for name, value in response.getheaders():
            if name == "Set-Cookie" and value.startswith("csrftoken="):
                self._cookie = value.split(";")[0]
        connection.close()
        return response.status, text, response.getheader("Location") or ""

    _cookie: str = ""


@contextmanager
def web(var: Path, database_url: str) -> Iterator[tuple[Service, int]]:
    """The site's own web service, as quickstart runs it, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {"DATABASE_URL": database_url, "REDIS_URL": os.environ["REDIS_URL"], "LOG_LEVEL": "ERROR"}
    services = site_services(base=settings.BASE_DIR, var=var, host="127.0.0.1", port=port, environment=environment)
    service = next(service for service in services if service.name == "web")
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(collect, cwd=settings.BASE_DIR, env={**os.environ, **environment}, check=True)
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


def _token(page: str) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the web service did not start"
            time.sleep(0.1)
