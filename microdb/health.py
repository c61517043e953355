"""Liveness and readiness, for the supervisor, the container platform and the administrator."""

import tempfile
import threading
import time
from collections.abc import Callable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from microdb.celery import app, queue_length
from microdb.outages import DISK_FULL, outage_of

QUEUES = ("ingest", "train", "score", "lettering", "batch", "sweep", "webhooks")
PROBE_BYTES = 2**20
"""Written to find out whether the disk takes more: a display image has about as many."""
KEPT_SECONDS = 3.0
LONGEST_SECONDS = 15.0
"""A check that takes longer hangs, for example on a database whose machine is gone."""


class _Report:
    """The outcome of all checks, kept for ``KEPT_SECONDS``.

    One request at a time makes a new one and the others get the one before, so a flood of requests costs nothing. If
    the new one takes longer than ``LONGEST_SECONDS``, they get that instead.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._outcomes: dict[str, str] = {}
        self._made_at = float("-inf")
        self._started_at = float("inf")

    def outcomes(self) -> dict[str, str]:
        if not self._is_old():
            return self._outcomes
        if self._lock.acquire(blocking=not self._outcomes):
            try:
                if self._is_old():
                    self._started_at = time.monotonic()
                    self._outcomes = {name: _outcome(check) for name, check in CHECKS.items()}
                    self._made_at = time.monotonic()
            finally:
                self._started_at = float("inf")
                self._lock.release()
        elif time.monotonic() - self._started_at >= LONGEST_SECONDS:
            return self._outcomes | {"checks": f"no outcome for {LONGEST_SECONDS:.0f} seconds"}
        return self._outcomes

    def _is_old(self) -> bool:
        return time.monotonic() - self._made_at >= KEPT_SECONDS

    def forget(self) -> None:
        self._made_at = float("-inf")


def healthz(request: HttpRequest) -> JsonResponse:
    """200: the web process runs."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 where database, queue, storage and a worker on every queue answer; else 503, with what each check found."""
    outcomes = report.outcomes()
    ready = all(outcome == "ok" for outcome in outcomes.values())
    return JsonResponse({"status": "ready" if ready else "not ready", **outcomes}, status=200 if ready else 503)


def _outcome(check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, OperationalError, RedisError, OSError) as error:
        if outage_of(error) is DISK_FULL:
            return "the disk is full"
        return f"unreachable: {type(error).__name__}"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _queue() -> str:
    queue_length(QUEUES[0])
    return "ok"


def _storage() -> str:
    """Write, read back and delete a file where masters are stored."""
    probe = bytes(PROBE_BYTES)
    name = default_storage.save("readyz/probe", ContentFile(probe))
    try:
        with default_storage.open(name) as stored:
            return "ok" if stored.read() == probe else "a file that was written could not be read back"
    finally:
        default_storage.delete(name)


def _temporary_files() -> str:
    """Write where uploads wait until they are stored."""
    with tempfile.TemporaryFile() as file:
        file.write(bytes(PROBE_BYTES))
        file.flush()
    return "ok"


def _workers() -> str:
    served = {
        queue["name"] for queues in (app.control.inspect(timeout=1).active_queues() or {}).values() for queue in queues
    }
    missing = [queue for queue in QUEUES if queue not in served]
    return f"no worker on: {', '.join(missing)}" if missing else "ok"


CHECKS = {
    "database": _database,
    "queue": _queue,
    "storage": _storage,
    "temporary_files": _temporary_files,
    "workers": _workers,
}
report = _Report()
