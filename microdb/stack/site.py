"""The processes of the site itself: web, workers and beat."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from microdb.stack.service import Service

WEB_WORKERS, WEB_THREADS = 2, 4
WORKERS = {
    "ingest": "ingest",
    "train": "train",
    "score": "score,batch",
    "sweep": "sweep",
}  # a worker's name: its queues
NICENESS = {"train": 5}  # a person waits for the page and the score, nobody for the last epoch
STOP_LIMITS = {"train": 1.0}  # seconds; a score or a reading ends by itself in ten, a training does not
BEAT_NICENESS = 10  # at the start, the others need the cores first


def site_services(*, base: Path, var: Path, host: str, port: int, environment: Mapping[str, str]) -> list[Service]:
    """Web, one worker per kind of work, and beat; `environment` names the database and the queue."""
    single = _threads(1) | dict(environment)
    web = Service("web", _gunicorn(host, port), var, single, folder=base)
    beat = Service("beat", _celery("beat", *_beat_options(var)), var, single, niceness=BEAT_NICENESS, folder=base)
    return [web, *(_worker(name, base, var, environment) for name in WORKERS), beat]


def _worker(name: str, base: Path, var: Path, environment: Mapping[str, str]) -> Service:
    options = ("-n", f"{name}@%h", "-Q", WORKERS[name], "--concurrency", "1", "--without-gossip", "--without-mingle")
    return Service(
        f"worker-{name}",
        _celery("worker", *options),
        var,
        environment=_threads(1 if name in ("ingest", "sweep") else _cores()) | dict(environment),
        niceness=NICENESS.get(name, 0),
        stop_limit=STOP_LIMITS.get(name, 10.0),
        folder=base,
    )


def _gunicorn(host: str, port: int) -> list[str]:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    how = ["--worker-class", "gthread", "--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)]
    limits = ["--timeout", "120", "--graceful-timeout", "8", "--no-control-socket"]
    # Loaded once and forked: seconds less at the start, and less memory.
    return [sys.executable, "-m", "gunicorn", "microdb.wsgi", "--preload", "--bind", address, *how, *limits]


def _celery(*arguments: str) -> list[str]:
    # Django's checks import every page, which no worker shows: seconds of each process at the start.
    return [sys.executable, "-m", "celery", "-A", "microdb", "--skip-checks", *arguments, "--loglevel", "INFO"]


def _beat_options(var: Path) -> list[str]:
    # No pid file: the lock on VAR already lets only one beat run, and a stale file would keep it from starting.
    return ["--schedule", str(var / "run" / "beat-schedule")]


def _threads(count: int) -> dict[str, str]:
    """Numerical threads, where the person set none; idle ones sleep, for training and scoring share the cores."""
    wanted = {"OMP_NUM_THREADS": str(count), "OPENBLAS_NUM_THREADS": str(count), "OMP_WAIT_POLICY": "PASSIVE"}
    return {name: value for name, value in wanted.items() if name not in os.environ}


def _cores() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, 8)
