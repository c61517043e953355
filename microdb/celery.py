"""The Celery application, and the check that a worker runs with settings under which no job is lost or doubled."""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_after_setup, worker_init
from kombu.utils.scheduling import round_robin_cycle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "microdb.settings")

app = Celery("microdb")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


READINGS = "ingest"
LANES = 8


def lane(number: int) -> str:
    """The queue of the readings of one person in eight. Workers take from the lanes in turn."""
    return f"{READINGS}-{number}" if number else READINGS


class FairCycle(round_robin_cycle):
    """The order in which a worker looks at its queues: lanes in turn, all others always in the order given."""

    def rotate(self, last_used: str) -> None:
        if last_used.startswith(READINGS):
            super().rotate(last_used)  # type: ignore[no-untyped-call] # kombu has no types


@celeryd_after_setup.connect  # type: ignore[untyped-decorator] # Celery has no types
def serve_all_lanes(instance: Any, **_: Any) -> None:
    """A worker on the queue of readings takes from all lanes."""
    queues = instance.app.amqp.queues
    if READINGS in queues.consume_from:
        for number in range(1, LANES):
            queues.select_add(lane(number))


def queue_length(queue: str) -> int:
    """Messages of a queue, with its lanes, that no worker has taken yet."""
    names = [lane(number) for number in range(LANES)] if queue == READINGS else [queue]
    with app.connection_for_read() as connection:
        return sum(int(connection.default_channel.client.llen(name)) for name in names)


def settings_mistakes(conf: Any) -> list[str]:
    """Sentences about the Celery settings that would lose or double a job; empty when all is well."""
    mistakes = []
    if not (conf.task_acks_late and conf.task_reject_on_worker_lost):
        mistakes.append("task_acks_late and task_reject_on_worker_lost must be on, else a killed worker loses its job.")
    if conf.worker_prefetch_multiplier != 1:
        mistakes.append("worker_prefetch_multiplier must be 1, else one worker hoards jobs while others idle.")
    visibility = (conf.broker_transport_options or {}).get("visibility_timeout", 3600)
    if not conf.task_time_limit or visibility <= conf.task_time_limit:
        mistakes.append("The broker's visibility_timeout must exceed task_time_limit, else long jobs run twice.")
    return mistakes


@worker_init.connect  # type: ignore[untyped-decorator] # Celery has no types
def refuse_wrong_settings(**_: Any) -> None:
    """Stop a worker at once when its settings are wrong."""
    if mistakes := settings_mistakes(app.conf):
        raise SystemExit("This worker refuses to run: " + " ".join(mistakes))
