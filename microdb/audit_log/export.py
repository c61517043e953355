"""Entries as CSV and as JSON lines, one row after the other."""

import json
from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse

from microdb.audit_log.masking import Mask
from microdb.audit_log.models import Entry, EntryQuerySet
from microdb.audit_log.sentences import sentence
from microdb.csv_lines import CSV_TYPE, csv_lines

COLUMNS = (
    "id",
    "time",
    "actor_kind",
    "actor",
    "token",
    "address",
    "request",
    "verb",
    "dataset",
    "object_type",
    "object_id",
    "object",
    "number",
    "changes",
    "details",
    "sentence",
)
"""Of both formats and of the API."""
ROWS_AT_ONCE = 1000


def entry_row(entry: Entry) -> dict[str, Any]:
    """The entry with the names that exports and API use."""
    values = (
        entry.pk,
        entry.timestamp.isoformat(),
        entry.actor_kind,
        entry.actor_name,
        entry.token,
        entry.remote_addr,
        entry.cid,
        entry.verb,
        entry.dataset_name,
        entry.content_type.model if entry.content_type else "",
        entry.object_pk,
        entry.object_repr,
        entry.number,
        entry.changes or {},
        entry.additional_data or {},
        sentence(entry),
    )
    return dict(zip(COLUMNS, values, strict=True))


def log_download(entries: EntryQuerySet, mask: Mask, kind: str, name: str) -> StreamingHttpResponse:
    """A file of these entries; ``kind`` is ``csv`` or ``jsonl``."""
    rows = (entry_row(mask(entry)) for entry in entries.select_related("content_type").iterator(ROWS_AT_ONCE))
    lines, content_type = (_csv(rows), CSV_TYPE) if kind == "csv" else (_json(rows), "application/jsonl")
    response = StreamingHttpResponse(lines, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield from csv_lines([COLUMNS])
    yield from csv_lines(
        [json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict) else cell for cell in row.values()]
        for row in rows
    )


def _json(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
