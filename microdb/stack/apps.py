"""Makes the `quickstart` command known to Django, and a worker's processes mortal."""

import signal
from typing import Any

from celery.signals import worker_process_init
from django.apps import AppConfig

from microdb.stack.process.privileges import die_with_parent


class StackConfig(AppConfig):
    name = "microdb.stack"
    label = "stack"

    def ready(self) -> None:
        worker_process_init.connect(_end_with_the_worker)


def _end_with_the_worker(**_: Any) -> None:
    """A killed worker's pool process would go on with its job while the job is already given to another."""
    die_with_parent(signal.SIGKILL)
