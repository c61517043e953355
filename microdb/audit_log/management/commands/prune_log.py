"""``manage.py prune_log --before DATE --archive FILE``: move old entries of the audit log into a file."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from microdb.audit_log.pruning import prune
from microdb.errors import MicroDBError


def day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


class Command(BaseCommand):
    help = "Write old entries of the audit log to a file as JSON lines, and delete them from the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--before", type=day, required=True, help="entries from before this day go: 2026-01-31")
        parser.add_argument("--archive", type=Path, required=True, help="the file to write; it must not exist yet")

    def handle(self, *, before: datetime, archive: Path, **_: Any) -> None:
        if before > datetime.now(UTC):
            raise CommandError("--before is in the future. Name a day up to today.")
        try:
            number = prune(before=before, archive=archive)
        except MicroDBError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{number} entries were written to {archive} and deleted.")
