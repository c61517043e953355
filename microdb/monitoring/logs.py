"""How the site logs: lines for people, or JSON for a collector (``LOG_FORMAT=json``)."""

import logging
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from pythonjsonlogger.json import JsonFormatter

FORMATS = ("line", "json")
RENAMED = {"levelname": "level", "name": "logger", "exc_info": "exception"}


class JsonLines(JsonFormatter):
    """One JSON object per line: time (UTC), level, logger, message, the ids, and what the call gave as ``extra``."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s",
            rename_fields=RENAMED,
            timestamp="time",
            reserved_attrs=[*logging.makeLogRecord({}).__dict__, "asctime", "message", "fields", "suffix"],
        )

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        log_data.update(getattr(record, "fields", {}))


def logging_settings(*, level: str, form: str) -> dict[str, Any]:
    """Django's LOGGING. Everything goes to standard error, for the container or the supervisor to keep."""
    if form not in FORMATS:
        raise ImproperlyConfigured(f"LOG_FORMAT is {' or '.join(FORMATS)}; {form} was given.")
    formatters: dict[str, Any] = {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s%(suffix)s"},
        "json": {"()": "microdb.monitoring.logs.JsonLines"},
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"fields": {"()": "microdb.log_context.AddFields"}},
        "formatters": formatters,
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["fields"]}},
        # It would log each answer of 400 and above once more, with its address.
        "loggers": {"django.request": {"level": "CRITICAL"}},
        "root": {"handlers": ["console"], "level": level},
    }
