"""The request's id in Celery's messages: the worker's lines carry the id of the request that asked for the work."""

import logging.config
from contextlib import ExitStack
from typing import Any

from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun
from django.conf import settings

from microdb.log_context import REQUEST_ID, current_request_id, log_with


def connect() -> None:
    setup_logging.connect(_log_as_set)
    before_task_publish.connect(_send_id)
    task_prerun.connect(_begin)
    task_postrun.connect(_end)


def _log_as_set(**_: Any) -> None:
    """A receiver keeps Celery from adding handlers of its own."""
    logging.config.dictConfig(settings.LOGGING)


def _send_id(headers: dict[str, Any], **_: Any) -> None:
    if request_id := current_request_id():
        headers[REQUEST_ID] = request_id


_of_task: dict[str, ExitStack] = {}
"""Contexts that are open, by task id."""


def _begin(task_id: str, task: Any, **_: Any) -> None:
    fields = {"task": task.name.removeprefix("microdb."), "task_id": task_id}
    if request_id := getattr(task.request, REQUEST_ID, None):
        fields[REQUEST_ID] = request_id
    context = _of_task[task_id] = ExitStack()
    context.enter_context(log_with(**fields))


def _end(task_id: str, **_: Any) -> None:
    if context := _of_task.pop(task_id, None):
        context.close()
