"""Registers the `quickstart` command, and ties each pool process to its worker."""

from typing import Any

from celery.signals import worker_process_init
from django.apps import AppConfig

from microdb.stack.process.parent_death import end_with_parent


class StackConfig(AppConfig):
    name = "microdb.stack"
    label = "stack"

    def ready(self) -> None:
        worker_process_init.connect(_end_with_the_worker)


def _end_with_the_worker(**_: Any) -> None:
    """Without this, the pool process of a killed worker would go on with a job that another worker has taken over."""
    end_with_parent()
