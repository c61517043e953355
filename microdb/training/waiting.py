"""Waiting in a command for queued work, with an error when no worker takes it."""

import time
from collections.abc import Callable

from microdb.training.tasks import is_served

CHECKS_WITHOUT_WORKER = 3
"""A command gives up when so many checks in a row find no worker."""
SECONDS_BETWEEN_CHECKS = 5.0


class NoWorkerError(Exception):
    """No worker takes work from the queue; the job stays queued."""


def wait_for(ended: Callable[[], bool], *, queue: str, seconds: float) -> None:
    """Call ``ended`` every ``seconds`` until it is true. Raises NoWorkerError when no worker serves ``queue``."""
    without_worker, checked_at = 0, time.monotonic()
    while not ended():
        time.sleep(seconds)
        if time.monotonic() - checked_at < SECONDS_BETWEEN_CHECKS:
            continue
        without_worker = 0 if is_served(queue) else without_worker + 1
        checked_at = time.monotonic()
        if without_worker == CHECKS_WITHOUT_WORKER and not ended():
            raise NoWorkerError(
                f"No worker takes work from the queue {queue!r}, so this waits until one does: start the site with "
                f"`make run`, or a worker with `celery -A microdb worker -Q {queue}`. What was asked for stays queued."
            )
