"""Requests that are tried again while the server or the network is away, so that a break costs time and nothing else.

Every POST carries an ``Idempotency-Key``: the server does the work of a repeated request once.
"""

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import httpx

from microdb.client.credentials import Credentials
from microdb.client.errors import ApiError, Unreachable

PASSING = {423, 429, 502, 503, 504, 507}
"""Statuses after which the same request may succeed later."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between two tries; doubled each time, with up to half of it at random."""
TIMEOUT = httpx.Timeout(120.0, connect=15.0)

Part = tuple[str, str, Path | bytes]
"""Field, name and content of one file of a multipart form."""


class Connection:
    """A site's API. It may be used by several threads.

    patience: seconds for which a request is tried again. report: called with a sentence before each pause.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        patience: float = 600.0,
        report: Callable[[str], None] = lambda sentence: None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = credentials.url
        self.patience = patience
        self.report = report
        headers = {"Authorization": f"Token {credentials.token}", "User-Agent": "microdb-client"}
        self._http = httpx.Client(
            base_url=f"{credentials.url}/api/v1/", headers=headers, timeout=TIMEOUT, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(
        self, path: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """The JSON of an answer; None for 304."""
        return self.answer("GET", path, params=params, headers=headers)[0]

    def pages(self, path: str, **params: Any) -> Iterator[Any]:
        """The rows of all pages of a list."""
        page = self.get(path, params={"page_size": 500, **params})
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            page = self.get(path, params=dict(parse_qsl(urlsplit(page["next"]).query)))

    def post(
        self,
        path: str,
        *,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        files: Sequence[Part] = (),
        key: str = "",
    ) -> Any:
        """The JSON of an answer; ``key`` is the Idempotency-Key, by default a new one."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.answer("POST", path, json=json, data=data, files=files, headers=headers)[0]

    def answer(self, method: str, path: str, **about: Any) -> tuple[Any, httpx.Headers]:
        """The JSON and the headers of an answer."""
        response = self._patiently(lambda: self._send(method, path, **about))
        if response.status_code in (204, 304):
            return None, response.headers
        return response.json(), response.headers

    def content(self, path: str) -> bytes:
        """A file."""
        return self._patiently(lambda: self._send("GET", path)).content

    def lines(self, path: str, accept: str) -> Iterator[str]:
        """The lines of a long answer, as they arrive. After a break it is asked for again from the line it broke at."""
        given, broken_at = 0, -1
        while True:
            try:
                with ExitStack() as stack:
                    response = self._patiently(lambda: self._streamed(path, accept, stack))
                    for line in islice(response.iter_lines(), given, None):
                        given += 1
                        yield line
                    return
            except httpx.TransportError as error:
                if given == broken_at:
                    raise Unreachable(f"{self.url} breaks off its answer ({error}). Try again later.") from error
                broken_at = given

    def _streamed(self, path: str, accept: str, stack: ExitStack) -> httpx.Response:
        response = stack.enter_context(self._http.stream("GET", path, headers={"Accept": accept}))
        if response.is_error:
            response.read()
        return response

    def _send(self, method: str, path: str, *, files: Sequence[Part] = (), **about: Any) -> httpx.Response:
        with ExitStack() as stack:
            parts = [(field, (name, _opened(content, stack))) for field, name, content in files]
            return self._http.request(method, path, files=parts or None, **about)

    def _patiently(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        """The answer of the first try that gets one. Raises ApiError, or Unreachable when the patience ends."""
        end, pause = time.monotonic() + self.patience, FIRST_PAUSE
        while True:
            try:
                response = send()
                problem, wait = _passing_problem(response)
            except httpx.TransportError as error:
                problem, wait = f"{self.url} does not answer ({error or type(error).__name__})", 0.0
            if not problem:
                return _checked(response)
            wait = max(wait, pause * (1 + random.random() / 2))
            if time.monotonic() + wait > end:
                raise Unreachable(f"{problem}. Run the same command again later: it goes on where it was.")
            self.report(f"{problem}; trying again in {wait:.0f} s")
            time.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)


def _opened(content: Path | bytes, stack: ExitStack) -> Any:
    return content if isinstance(content, bytes) else stack.enter_context(content.open("rb"))


def _passing_problem(response: httpx.Response) -> tuple[str, float]:
    """What is wrong for the moment, and the seconds that the server asks to wait; empty if nothing is."""
    error = _error(response) if response.is_error else None
    if error is None or not (error.status in PASSING or error.code == "in_progress"):
        return "", 0.0
    asked = response.headers.get("Retry-After", "")
    return error.message.rstrip("."), float(asked) if asked.isdigit() else 0.0


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_redirect and response.status_code != 304:
        target = response.headers.get("Location", "")
        raise ApiError(response.status_code, "redirect", f"The site is at another address: {target}. Log in there")
    if response.is_error:
        raise _error(response)
    return response


def _error(response: httpx.Response) -> ApiError:
    try:
        body = response.json()
        fields = "; ".join(f"{name}: {' '.join(map(str, texts))}" for name, texts in body.get("fields", {}).items())
        return ApiError(response.status_code, str(body["code"]), fields or str(body["message"]))
    except (ValueError, KeyError, TypeError, AttributeError):  # a proxy's page
        return ApiError(response.status_code, "http_error", f"The server answered with status {response.status_code}")
