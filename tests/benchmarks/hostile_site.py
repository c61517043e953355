"""A running site as its users meet it, over HTTP and by commands, and a watch over it."""

import http.client
import http.cookiejar
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
BOUNDARY = "XyZhostileXyZ"
DEMO = "demo"
AWAY = (OSError, http.client.HTTPException)
"""What a client meets while the site is not there."""


class Site:
    """A quickstart with its demo; ``var`` is its folder."""

    def __init__(self, url: str, var: Path) -> None:
        self.url, self.var = url, var
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar)
        )
        self._jar = jar

    def processes(self) -> dict[str, int]:
        """The pids of the stack's processes by name."""
        return {path.stem: json.loads(path.read_text())["pid"] for path in (self.var / "run").glob("*.json")}

    def command(self, *arguments: str) -> tuple[int, str]:
        """Exit status, and what it printed."""
        kept = {name: one for name, one in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        environment = kept | {"VAR": str(self.var)} | self._client
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    @property
    def _client(self) -> dict[str, str]:
        """What the client needs, once there is a token."""
        token = self.__dict__.get("token")
        return {"MICRODB_URL": self.url, "MICRODB_TOKEN": token["Authorization"].split()[1]} if token else {}

    @cached_property
    def token(self) -> dict[str, str]:
        code, text = self.command("manage.py", "api_token", DEMO, "--scopes", "read,upload,train,score")
        assert code == 0, text
        return {"Authorization": f"Token {text.strip().splitlines()[-1]}"}

    def ask(
        self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON; an answer that is no JSON is empty."""
        request = urllib.request.Request(self.url + path, body, {"Accept": "application/json"} | dict(headers or {}))
        try:
            with self._opener.open(request, timeout=300) as answer:
                return answer.status, _json(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _json(error.read())

    def is_ready(self) -> bool:
        try:
            return self.ask("/readyz")[0] == 200
        except AWAY:
            return False

    def shell(self, lines: str) -> str:
        """What Python prints within the site."""
        code, text = self.command("manage.py", "shell", "-v", "0", "-c", lines)
        assert code == 0, text
        return text.strip()

    def api(
        self,
        path: str,
        body: bytes | None = None,
        kind: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        about = self.token | dict(headers or {}) | ({"Content-Type": kind} if body is not None else {})
        return self.ask(f"/api/v1/{path}", body, about)

    def new_dataset(self) -> str:
        status, made = self.api("datasets/", json.dumps({"name": f"Hostile {uuid.uuid4().hex[:8]}"}).encode())
        assert status == 201, made
        return str(made["slug"])

    def upload_by_api(self, dataset: str, name: str, content: bytes) -> tuple[int, dict[str, Any]]:
        body = multipart({"file": (name, content)})
        return self.api(f"datasets/{dataset}/micrographs/", body, f"multipart/form-data; boundary={BOUNDARY}")

    def upload_by_page(self, dataset: str, name: str, content: bytes) -> tuple[int, dict[str, Any]]:
        """As the page's script does."""
        self._sign_in()
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "X-CSRFToken": self._csrf}
        headers |= {"Referer": self.url + "/"}
        return self.ask(f"/datasets/{dataset}/upload/", multipart({"file": (name, content)}), headers)

    def send_batch(self, files: Mapping[str, bytes]) -> tuple[int, dict[str, Any]]:
        body = multipart({"files": list(files.items())}, {"pixels_per_micrometre": "10"})
        return self.api(self.batches, body, f"multipart/form-data; boundary={BOUNDARY}")

    def wait_until_read(self, dataset: str, seconds: float) -> dict[str, str]:
        """The state of every micrograph by its id."""
        end = time.monotonic() + seconds
        while True:
            states = {one["id"]: one["state"] for one in self.micrographs(dataset)}
            if "reading" not in states.values() or time.monotonic() > end:
                return states
            time.sleep(1)

    def wait_for_batch(self, pk: str, seconds: float) -> list[dict[str, Any]]:
        end = time.monotonic() + seconds
        path = f"{self.batches}{pk}/"
        while self.api(path)[1].get("state") not in ("done", "cancelled") and time.monotonic() < end:
            time.sleep(1)
        found = self.api(f"{path}results/")[1]
        return found if isinstance(found, list) else found.get("results", [])

    def micrographs(self, dataset: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        page, more = 1, True
        while more:
            found = self.api(f"datasets/{dataset}/micrographs/?page_size=500&page={page}")[1]
            rows += found["results"]
            page, more = page + 1, bool(found.get("next"))
        return rows

    def some_micrographs(self, count: int) -> list[str]:
        """Of the demo's dataset, those that can be scored."""
        return [one["id"] for one in self.micrographs(self.demo) if one["state"] == "ready"][:count]

    def open_quiz(self) -> str:
        """The slug of the demo's quiz."""
        return self.shell(
            "from microdb.quizzes.models import Quiz; "
            "print(Quiz.objects.filter(opened_at__isnull=False, closed_at=None).latest('opened_at').slug)"
        )

    def kept_answers(self, ballot: str) -> dict[str, str]:
        """What the database holds of the ballot at this address, by the question's key."""
        return dict(
            json.loads(
                self.shell(
                    "import json; from microdb.quizzes.models import Answer; "
                    f"rows = Answer.objects.filter(ballot__key={ballot.rsplit('/', 1)[1]!r}); "
                    "print(json.dumps({str(row.question.key): row.choice for row in rows}))"
                )
            )
        )

    @cached_property
    def batches(self) -> str:
        return f"datasets/{self.demo}/batches/"

    @cached_property
    def demo(self) -> str:
        """The demo's dataset, which has a model."""
        return next(one["slug"] for one in self.api("datasets/")[1]["results"] if not one["slug"].startswith("hostile"))

    @cached_property
    def _csrf(self) -> str:
        return next(cookie.value or "" for cookie in self._jar if cookie.name == "csrftoken")

    def _sign_in(self) -> None:
        if any(cookie.name == "sessionid" for cookie in self._jar):
            return
        path = "/accounts/login/"
        with self._opener.open(self.url + path, timeout=60) as answer:
            form = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.read().decode())
        assert form is not None
        fields = {"username": DEMO, "login": DEMO, "password": (self.var / "demo_password").read_text().strip()}
        body = urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": form[1]}).encode()
        self._opener.open(
            urllib.request.Request(self.url + path, body, {"Referer": self.url + path}), timeout=60
        ).close()
        assert any(cookie.name == "sessionid" for cookie in self._jar), "could not sign in"


class Probe:
    """Asks for the login page, and adds up the memory of the stack, over and over on the side."""

    def __init__(self, login: str, var: Path) -> None:
        self._login, self._var, self._stop = login, var, threading.Event()
        self._times: list[float] = []
        self.memory = 0

    @property
    def slowest(self) -> float:
        return max(self._times, default=0.0)

    @property
    def told(self) -> str:
        ordered = sorted(self._times) or [0.0]
        return f"{ordered[len(ordered) // 2]:.2f} s, at most {ordered[-1]:.2f} s"

    @contextmanager
    def running(self) -> Iterator["Probe"]:
        threads = [threading.Thread(target=one) for one in (self._ask, self._weigh)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _ask(self) -> None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while not self._stop.wait(0.1):
            start = time.monotonic()
            with suppress(*AWAY):  # then the time until then counts
                opener.open(self._login, timeout=60).read()
            self._times.append(time.monotonic() - start)

    def _weigh(self) -> None:
        while not self._stop.wait(0.5):
            self.memory = max(self.memory, sum(self._sizes()))

    def _sizes(self) -> Iterator[int]:
        for path in (self._var / "run").glob("*.json"):
            with suppress(psutil.Error, OSError, ValueError):
                process = psutil.Process(json.loads(path.read_text())["pid"])
                for one in (process, *process.children(recursive=True)):
                    with suppress(psutil.Error):
                        yield one.memory_full_info().uss


def multipart(files: Mapping[str, Any], fields: Mapping[str, str] | None = None) -> bytes:
    """``files``: a name and content, or a list of them, by the name of the field."""
    parts = []
    for name, given in files.items():
        for filename, content in given if isinstance(given, list) else [given]:
            head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
            parts += [head.encode(), content, b"\r\n"]
    for name, value in (fields or {}).items():
        parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return {}
