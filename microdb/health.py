"""Liveness and readiness, for the supervisor, the container platform and the administrator."""

from collections.abc import Callable

from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from microdb.celery import app, queue_length

QUEUES = ("ingest", "train", "score", "batch", "sweep")


def healthz(request: HttpRequest) -> JsonResponse:
    """200: the web process runs."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 where database, queue, storage and a worker on every queue answer; else 503, with what each check found."""
    checks = {"database": _database, "queue": _queue, "storage": _storage, "workers": _workers}
    report = {name: _outcome(check) for name, check in checks.items()}
    ready = all(outcome == "ok" for outcome in report.values())
    return JsonResponse({"status": "ready" if ready else "not ready", **report}, status=200 if ready else 503)


def _outcome(check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, OperationalError, RedisError, OSError) as error:
        return f"unreachable: {type(error).__name__}"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _queue() -> str:
    queue_length(QUEUES[0])
    return "ok"


def _storage() -> str:
    default_storage.exists("readyz")
    return "ok"


def _workers() -> str:
    served = {
        queue["name"] for queues in (app.control.inspect(timeout=1).active_queues() or {}).values() for queue in queues
    }
    missing = [queue for queue in QUEUES if queue not in served]
    return f"no worker on: {', '.join(missing)}" if missing else "ok"
