"""One reader of a quiz over real HTTP, as the browser's script is one. Needs no Django.

Every answer is sent until the server has acknowledged it, also while its processes are killed.
"""

import http.client
import json
import random
import re
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

KEPT_OPEN = 1.5
"""Seconds without a request after which the server may have closed the connection (some do after two)."""
PATIENCE = 90.0
"""Seconds until a request must have been answered at last."""


@dataclass
class Reader:
    """One person: the first answer sent and the one acknowledged last by question key, and how long each request took
    in seconds.
    """

    slug: str
    port: int
    number: int
    think: float
    acknowledged: dict[str, str] = field(default_factory=dict)
    latencies: dict[str, list[float]] = field(default_factory=lambda: {"page": [], "image": [], "answer": []})
    retries: int = 0
    choices: int = 0
    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    ballot: str = ""
    error: str = ""

    def sit(self) -> None:
        """Begin, look at every question and answer it, change some answers, submit."""
        chance = random.Random(self.number)
        time.sleep(chance.uniform(0, self.think))
        self.begin()
        page = self.ask("GET", f"{self.ballot}/1/", "page")[1]
        token, choices = token_of(page), re.findall(r'name="choice"\s+value="(\w+)"', page)
        sheet = json.loads(re.search(r'id="ballot-sheet" type="application/json">(.*?)</script>', page)[1])
        for question in [*sheet["questions"], *chance.sample(sheet["questions"], len(sheet["questions"]) // 4)]:
            self.ask("GET", question["image"], "image")
            time.sleep(chance.expovariate(1 / self.think))
            told = self.answer(question, chance.choice(choices), token)
            self.acknowledged[question["key"]] = told["saved"]
        # The network delivers the last question's first answer once more, late.
        late = self.send(self.sent[question["key"]], token)
        assert late["saved"] == self.acknowledged[question["key"]]
        assert self.ask("POST", f"{self.ballot}/submit/", "page", {}, token)[2].endswith("/compare/")

    def begin(self) -> None:
        first = f"/quiz/{self.slug}/"
        token = token_of(self.ask("GET", first, "page")[1])
        said = {"nickname": f"R{self.number}", "panel": "expert", "consents": "on", "csrfmiddlewaretoken": token}
        self.ballot = self.ask("POST", first, "page", said)[2].rsplit("/", 2)[0]

    def answer(self, question: dict[str, Any], choice: str, token: str) -> dict[str, Any]:
        """Send a choice with the next stamp of this reader's browser, as the script does; what the server says."""
        self.choices += 1
        stamp = f"{self.number:x}:{self.choices}"
        fields = {"question": question["key"], "choice": choice, "active_ms": "1200", "stamp": stamp}
        return self.send(fields, token)

    def send(self, fields: dict[str, str], token: str) -> dict[str, Any]:
        self.sent.setdefault(fields["question"], fields)
        status, body, _to = self.ask("POST", f"{self.ballot}/answer/", "answer", fields, token)
        assert status == 200, body
        return json.loads(body)

    def ask(
        self, method: str, path: str, kind: str, fields: dict[str, str] | None = None, token: str = ""
    ) -> tuple[int, str, str]:
        """Ask until there is an answer; its status, text and redirection. Time counts from the first try."""
        started = time.monotonic()
        if started > self._quiet_since + KEPT_OPEN:
            self._connection.close()
        while True:
            kept_open = self._connection.sock is not None
            try:
                answer = self._once(method, path, fields, token)
            except (OSError, http.client.HTTPException):
                answer = (503, "", "")
                self._connection.close()  # the next try opens it again
            if answer[0] < 500:
                self._quiet_since = time.monotonic()
                self.latencies[kind].append(self._quiet_since - started)
                return answer
            assert time.monotonic() < started + PATIENCE, f"{method} {path} was not answered"
            self.retries += 1
            if not kept_open:  # browsers ask again at once where a connection from before has been closed
                time.sleep(0.2)

    def _once(self, method: str, path: str, fields: dict[str, str] | None, token: str) -> tuple[int, str, str]:
        headers = {"Accept": "application/json", "Cookie": self._cookie, "X-CSRFToken": token}
        body = urlencode(fields) if fields is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        text = response.read().decode(errors="replace")
        for name, value in response.getheaders():
            if name == "Set-Cookie" and value.startswith("csrftoken="):
                self._cookie = value.split(";")[0]
        return response.status, text, response.getheader("Location") or ""

    _cookie: str = ""
    _quiet_since: float = 0.0

    @cached_property
    def _connection(self) -> http.client.HTTPConnection:
        """Kept open between two requests that follow closely, as browsers do."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)


def token_of(page: str) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
