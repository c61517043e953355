"""Signs of life of workers and beat: a time in Redis for metrics and pages, and a file for the health check."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psutil
from celery.signals import beat_init, before_task_publish, heartbeat_sent
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from microdb.celery import app
from microdb.health import QUEUES

KEY = "microdb-heartbeats"
MEMORY = "microdb-memory"
INTERVAL, FORGOTTEN = 10.0, 3600.0
"""Seconds between two signs of life, and after which a worker that is gone is not listed any more."""
BEAT = "beat"

_last = float("-inf")


@dataclass(frozen=True)
class Heartbeat:
    """``queues``: those that it serves; empty for beat. ``memory``: bytes of its processes; None where not known."""

    name: str
    queues: tuple[str, ...]
    seconds_ago: float
    memory: int | None = None


@cache
def redis() -> "Redis":
    """The server of the queue; its answers are awaited for a second, since nothing depends on them."""
    return Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_timeout=1, socket_connect_timeout=1)


def heartbeats() -> list[Heartbeat]:
    """The latest of each process that was alive within the last hour."""
    now, found, memory = time.time(), [], redis().hgetall(MEMORY)
    for name, value in redis().hgetall(KEY).items():
        moment, _, queues = str(value).partition(" ")
        if now - float(moment) > FORGOTTEN:
            redis().hdel(KEY, name)
            redis().hdel(MEMORY, name)
        else:
            used = int(memory[name]) if name in memory else None
            found.append(Heartbeat(str(name), tuple(queues.split()), now - float(moment), used))
    return sorted(found, key=lambda one: one.name)


def connect() -> None:
    heartbeat_sent.connect(_worker_lives)
    beat_init.connect(_watch_beat)


def _worker_lives(sender: Any, **_: Any) -> None:
    """Called every two seconds by the loop of a worker's main process."""
    served = [queue for queue in QUEUES if queue in app.amqp.queues.consume_from]
    _lives(sender.eventer.hostname, served)


def _watch_beat(**_: Any) -> None:
    """Beat lives as long as it sends messages: some every 15 seconds."""
    before_task_publish.connect(_beat_lives)


def _beat_lives(**_: Any) -> None:
    _lives(BEAT, [])


def _lives(name: str, queues: list[str]) -> None:
    global _last
    if time.monotonic() - _last < INTERVAL:
        return
    _last = time.monotonic()
    if path := os.environ.get("ALIVE_FILE"):
        Path(path).touch()
    with suppress(RedisError):  # Celery itself logs that the server does not answer
        redis().hset(KEY, name, f"{time.time():.0f} {' '.join(queues)}")
        redis().hset(MEMORY, name, _memory())


def _memory() -> int:
    """Bytes of this process and of its children, those of shared libraries counted in each."""
    own, used = psutil.Process(), 0
    for process in [own, *own.children(recursive=True)]:
        with suppress(psutil.Error):  # a child that has just ended
            used += process.memory_info().rss
    return used
