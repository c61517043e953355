"""Reports of errors to Sentry, or a server that speaks its protocol, where ``SENTRY_DSN`` is set.

A report holds the exception, its stack without the values of variables, and the ids. It holds no request, no user, no
text of earlier log lines and no value of a log message: these may name people, files and secret addresses.
"""

import re
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.logging import ignore_logger
from sentry_sdk.types import Event

from microdb.log_context import log_fields

LONGEST_TEXT = 200
DROPPED = ("request", "user", "breadcrumbs", "extra", "modules")
EMAIL = re.compile(r"\S+@\S+")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def start_sentry(dsn: str) -> None:
    """Report errors from now on, also those that are only logged. The library reads SENTRY_ENVIRONMENT."""
    ignore_logger("django.request")  # error_pages has logged the same error with its traceback
    sentry_sdk.init(
        dsn=dsn,
        include_local_variables=False,
        max_breadcrumbs=0,
        max_request_body_size="never",
        traces_sample_rate=0.0,
        before_send=without_personal_data,
    )


def without_personal_data(event: Event, hint: dict[str, Any]) -> Event:
    """The report with nothing in it that people entered."""
    for part in DROPPED:
        event.pop(part, None)  # type: ignore[misc] # names of a TypedDict
    if log_entry := event.get("logentry"):
        event["logentry"] = {"message": log_entry.get("message", "")}  # the template, without its values
    for value in (event.get("exception") or {}).get("values", []):
        value["value"] = _bounded(value.get("value") or "")
    event["tags"] = {**log_fields()}
    return event


def _bounded(text: str) -> str:
    """The first line of an exception's text, without quoted values; Postgres repeats the row on the second."""
    first = text.split("\n", 1)[0]
    return EMAIL.sub("[e-mail]", QUOTED.sub("[value]", first))[:LONGEST_TEXT]
