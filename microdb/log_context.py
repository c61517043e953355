"""What the lines of a log carry beside their text: the request and the job that they belong to.

The audit log keeps the same request id, so that its entries and the lines of the log are found by each other.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

REQUEST_ID = "request_id"
"""The field with the id of the request, or of the request that asked for a worker's task."""

_fields: ContextVar[Mapping[str, str]] = ContextVar("log_context", default={})  # noqa: B039 # never changed in place


def log_fields() -> Mapping[str, str]:
    """Those of the work that this thread does now."""
    return _fields.get()


def current_request_id() -> str:
    """The id of the request that is answered, or that asked for the running task; empty if there was none."""
    return log_fields().get(REQUEST_ID, "")


@contextmanager
def log_with(**fields: object) -> Iterator[None]:
    """Every line that is logged inside carries these fields too."""
    token = _fields.set({**_fields.get(), **{name: str(value) for name, value in fields.items()}})
    try:
        yield
    finally:
        _fields.reset(token)


class AddFields(logging.Filter):
    """Gives a record the fields as ``fields``, and as text for a line of plain text as ``suffix``."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.fields = log_fields()
        record.suffix = "".join(f" {name}={value}" for name, value in log_fields().items())
        return True
