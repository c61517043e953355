"""Send every hostile file to a running site, and measure what a request takes and how long the login page waits.

``python -m tests.benchmarks.hostile URL TOKEN DATASET_SLUG``; the token needs the scopes read and upload.
"""

import json
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.hostile.images import ALL

LONGEST = 120.0
"""Seconds to wait for a file to be read."""


class Probe:
    """Asks for the login page over and over, on the side."""

    def __init__(self, url: str) -> None:
        self._url, self._stop = url, threading.Event()
        self.slowest = 0.0

    def run(self) -> None:
        while not self._stop.wait(0.1):
            start = time.monotonic()
            urllib.request.urlopen(self._url, timeout=60).read()
            self.slowest = max(self.slowest, time.monotonic() - start)

    @contextmanager
    def probing(self) -> Iterator[None]:
        thread = threading.Thread(target=self.run)
        self.slowest = 0.0
        self._stop.clear()
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()


def ask(address: str, headers: dict[str, str], file: bytes | None = None) -> tuple[int, dict[str, Any]]:
    """Status and JSON of a GET, or of a POST of this file."""
    body = None
    if file is not None:
        head = b'--XyZ\r\nContent-Disposition: form-data; name="file"; filename="hostile"\r\n\r\n'
        body, headers = (
            head + file + b"\r\n--XyZ--\r\n",
            headers | {"Content-Type": "multipart/form-data; boundary=XyZ"},
        )
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=300) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def outcome(address: str, headers: dict[str, str]) -> str:
    """The state in which the micrograph ends."""
    end = time.monotonic() + LONGEST
    state = "reading"
    while state == "reading" and time.monotonic() < end:
        time.sleep(0.3)
        state = ask(address, headers)[1]["state"]
    return state


def main(url: str, token: str, dataset: str) -> None:
    headers = {"Authorization": f"Token {token}"}
    address = f"{url}/api/v1/datasets/{dataset}/micrographs/"
    probe = Probe(f"{url}/accounts/login/")
    print("| file | MB | request | outcome | until then | login page, slowest |\n| --- | --- | --- | --- | --- | --- |")
    for name, make in ALL.items():
        content = make()
        with probe.probing():
            start = time.monotonic()
            status, body = ask(address, headers, content)
            taken = time.monotonic() - start
            ended = outcome(f"{address}{body['id']}/", headers) if status == 201 else body["code"]
            until = time.monotonic() - start
        cells = [name, f"{len(content) / 1e6:.1f}", f"{status} in {taken:.2f} s"]
        print("|", " | ".join([*cells, ended, f"{until:.1f} s", f"{probe.slowest:.2f} s"]), "|", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
