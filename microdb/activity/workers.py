"""What staff see: the workers with their memory, the queues, and the jobs that were set aside."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.apps import apps
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from microdb.celery import queue_length
from microdb.health import QUEUES
from microdb.heartbeats import Heartbeat, heartbeats
from microdb.jobs import Job

ALIVE = 60.0
"""Seconds since its last sign of life, after which a worker counts as gone."""
MOST_SET_ASIDE = 20


@dataclass(frozen=True)
class Queue:
    name: str
    messages: int
    workers: int


@dataclass(frozen=True)
class SetAside:
    """A job that stopped its workers. Its key names it, since staff may not see its dataset."""

    kind: str
    key: Any
    deliveries: int
    finished_at: datetime


@dataclass(frozen=True)
class Machinery:
    """``error``: why the queue's server did not tell."""

    workers: list[Heartbeat]
    queues: list[Queue]
    set_aside: list[SetAside]
    error: str = ""


def machinery() -> Machinery:
    """Of the whole site."""
    set_aside = _set_aside()
    try:
        workers = heartbeats()
        queues = [Queue(name, queue_length(name), _serving(name, workers)) for name in QUEUES]
    except (RedisError, OperationalError) as error:
        return Machinery([], [], set_aside, error=type(error).__name__)
    return Machinery(workers, queues, set_aside)


def _serving(queue: str, workers: list[Heartbeat]) -> int:
    return sum(queue in one.queues and one.seconds_ago < ALIVE for one in workers)


def _set_aside() -> list[SetAside]:
    models = [model for model in apps.get_models() if issubclass(model, Job)]
    newest = sorted(chain.from_iterable(map(_of_model, models)), key=lambda one: one.finished_at, reverse=True)
    return newest[:MOST_SET_ASIDE]


def _of_model(model: type[Job]) -> list[SetAside]:
    manager: Any = model._default_manager
    rows = manager.quarantined().order_by("-finished_at").values_list("pk", "deliveries", "finished_at")
    kind = str(model._meta.verbose_name)
    return [SetAside(kind, pk, count, ended) for pk, count, ended in rows[:MOST_SET_ASIDE]]
