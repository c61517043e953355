"""The processes of the site itself: web, workers and beat."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from microdb.stack.process.service import Service

WEB_WORKERS, WEB_THREADS = 2, 4
WORKERS = {
    "ingest": "ingest",
    "train": "train",
    "score": "score,lettering,batch",
    "sweep": "sweep",
    "webhooks": "webhooks",
}  # worker name: its queues
NICENESS = {"train": 5}  # pages and scores come first: people wait for them
PROCESSES = {"sweep": 2, "webhooks": 2}  # so that the nightly check of files or a slow receiver stops nothing else
STOP_LIMITS = {"train": 1.0}  # seconds; a score or a reading ends by itself within ten, a training does not
# Web and workers fork after their libraries are loaded. macOS ends such a fork when Objective-C was in use, and libpq
# crashes there when it looks for Kerberos.
MACOS_FORKS = {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES", "PGGSSENCMODE": "disable"}
BEAT_NICENESS = 10  # so that the others start first


def site_services(*, base: Path, var: Path, host: str, port: int, environment: Mapping[str, str]) -> list[Service]:
    """Web, one worker per kind of work, and beat. `environment` holds the database and queue addresses."""
    environment = (MACOS_FORKS if sys.platform == "darwin" else {}) | dict(environment)
    single = _threads(1) | environment
    web = Service("web", _gunicorn(host, port), var, single | _metrics_folder(var), folder=base)
    beat = Service("beat", _celery("beat", *_beat_options(var)), var, single, niceness=BEAT_NICENESS, folder=base)
    return [web, *(_worker(name, base, var, environment) for name in WORKERS), beat]


def _worker(name: str, base: Path, var: Path, environment: Mapping[str, str]) -> Service:
    options = ("-n", f"{name}@%h", "-Q", WORKERS[name], "--without-gossip", "--without-mingle")
    processes = ("--concurrency", str(PROCESSES.get(name, 1)))
    return Service(
        f"worker-{name}",
        _celery("worker", *options, *processes),
        var,
        environment=_threads(1 if name in ("ingest", "sweep", "webhooks") else _cores()) | dict(environment),
        niceness=NICENESS.get(name, 0),
        stop_limit=STOP_LIMITS.get(name, 10.0),
        folder=base,
    )


def _gunicorn(host: str, port: int) -> list[str]:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    worker = "microdb.stack.buffering_worker.BufferingWorker"
    how = ["--worker-class", worker, "--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)]
    limits = ["--timeout", "120", "--graceful-timeout", "8", "--no-control-socket"]
    limits += ["--logger-class", "microdb.monitoring.gunicorn_log.RootLogger"]
    # Load once and fork: a faster start, and less memory.
    return [sys.executable, "-m", "gunicorn", "microdb.wsgi", "--preload", "--bind", address, *how, *limits]


def _metrics_folder(var: Path) -> dict[str, str]:
    """Where each process of gunicorn keeps its numbers for /metrics; those of an earlier start are deleted."""
    folder = var.resolve() / "run" / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}


def _celery(*arguments: str) -> list[str]:
    # Django's checks import every page, which costs each worker seconds at the start.
    return [sys.executable, "-m", "celery", "-A", "microdb", "--skip-checks", *arguments, "--loglevel", "INFO"]


def _beat_options(var: Path) -> list[str]:
    # No pid file: the lock on VAR already allows only one beat, and a stale file would prevent its start.
    return ["--schedule", str(var / "run" / "beat-schedule")]


def _threads(count: int) -> dict[str, str]:
    """The number of numerical threads, unless the environment sets it. Idle threads sleep: workers share the cores."""
    wanted = {"OMP_NUM_THREADS": str(count), "OPENBLAS_NUM_THREADS": str(count), "OMP_WAIT_POLICY": "PASSIVE"}
    return {name: value for name, value in wanted.items() if name not in os.environ}


def _cores() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, 8)
