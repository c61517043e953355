"""A process that answers requests, one line of JSON each, and may be lost at any moment."""

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from django.conf import settings

GRACE = 30
"""Seconds beyond the limit of a request, for the child's own start."""
WAITING_STEP = 10.0
"""Seconds between two calls of ``while_waiting``; a running job is taken to be lost after 60."""


class ChildProcess:
    """A child that runs a module, started at the first request and again after it was lost; one request at a time."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(
        self, request: dict[str, Any], *, seconds: float, while_waiting: Callable[[], None] = lambda: None
    ) -> dict[str, Any]:
        """The child's response; ``while_waiting`` is called now and then, and what it raises stops the child.

        Raises RuntimeError where the child ends, or gives no answer in time.
        """
        with self._lock:
            process = self._running()
            try:
                return self._exchange(process, request, seconds, while_waiting)
            except BaseException:
                process.kill()
                process.wait()
                self._process = None
                raise

    def _running(self) -> subprocess.Popen[bytes]:
        """The child of this process; a fork inherits this object but must start a child of its own."""
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=settings.BASE_DIR,
            )
            self._owner = os.getpid()
        return self._process

    def _exchange(
        self,
        process: subprocess.Popen[bytes],
        request: dict[str, Any],
        seconds: float,
        while_waiting: Callable[[], None],
    ) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        deadline = time.monotonic() + seconds + GRACE
        while not _is_readable(process.stdout, min(WAITING_STEP, max(0.0, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                raise RuntimeError(f"{self._module} gave no answer in time.")
            while_waiting()
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._module} ended without an answer.")
        response: dict[str, Any] = json.loads(line)
        return response


def _is_readable(stream: IO[bytes], seconds: float) -> bool:
    readable, _writable, _failed = select.select([stream], [], [], seconds)
    return bool(readable)
