"""Waiting in a command for work in a queue, without waiting forever."""

import time
from collections.abc import Callable

from microdb.training.tasks import is_served

LOOKS_WITHOUT_WORKER = 3
"""So many looks in a row, a few seconds apart, must find no worker before a command gives up."""
SECONDS_BETWEEN_LOOKS = 5.0


class NoWorkerError(Exception):
    """Nobody takes work from the queue; what was asked for stays queued."""


def wait_for(ended: Callable[[], bool], *, queue: str, seconds: float) -> None:
    """Ask ``ended`` every ``seconds`` until it says so. Raises NoWorkerError when no worker serves ``queue``."""
    lonely, looked = 0, time.monotonic()
    while not ended():
        time.sleep(seconds)
        if time.monotonic() - looked < SECONDS_BETWEEN_LOOKS:
            continue
        lonely, looked = (0 if is_served(queue) else lonely + 1), time.monotonic()
        if lonely == LOOKS_WITHOUT_WORKER and not ended():
            raise NoWorkerError(
                f"No worker takes work from the queue {queue!r}, so this waits until one does: start the site with "
                f"`make run`, or a worker with `celery -A microdb worker -Q {queue}`. What was asked for stays queued."
            )
