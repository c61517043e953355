"""Deleting old entries, which only the owner of the database's tables can do."""

import json
from datetime import datetime
from pathlib import Path

from django.db import ProgrammingError, connection, transaction
from django.utils.translation import gettext as _

from microdb.audit_log.export import ROWS_AT_ONCE, entry_row
from microdb.audit_log.models import Entry
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError

TABLE, TRIGGER = "audit_log_entry", "audit_rows_stay"
NOT_OWNER = "42501"
"""Postgres' code for a missing right."""


def prune(*, before: datetime, archive: Path) -> int:
    """Write the entries from before this moment to a new file, then delete them; how many. All or nothing.

    That they were deleted is an entry itself. Raises MicroDBError if the file is there already, or if the database user
    does not own the table.
    """
    with transaction.atomic():
        _allow_deletion(allowed=True)
        old = Entry.objects.filter(timestamp__lt=before)
        try:
            with archive.open("x", encoding="utf-8") as file:
                for entry in old.select_related("content_type").order_by("timestamp", "pk").iterator(ROWS_AT_ONCE):
                    file.write(json.dumps(entry_row(entry), ensure_ascii=False) + "\n")
        except FileExistsError as error:
            raise MicroDBError(_("%s is there already. Name a new file.") % archive, code="file_exists") from error
        number = old._raw_delete(old.db)
        _allow_deletion(allowed=False)
        record(Verb.LOG_PRUNED, number=number, before=before.isoformat(timespec="seconds"))
    return int(number)


def _allow_deletion(*, allowed: bool) -> None:
    """Within this transaction: it locks the table, and a rollback brings the trigger back."""
    word = "DISABLE" if allowed else "ENABLE"
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {TABLE} {word} TRIGGER {TRIGGER}")
    except ProgrammingError as error:
        if getattr(error.__cause__, "pgcode", "") != NOT_OWNER:
            raise
        raise MicroDBError(
            _("Only the owner of the database's tables can delete entries. Run this with that user in DATABASE_URL."),
            code="not_owner",
        ) from error
