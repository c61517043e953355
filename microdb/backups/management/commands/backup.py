"""``manage.py backup FOLDER``: back up the database and all files of the site."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from redis.exceptions import RedisError

from microdb.backups.archive import Archive
from microdb.backups.making import make_backup
from microdb.backups.target import servers_of_site
from microdb.errors import MicroDBError


class Command(BaseCommand):
    help = "Back up the database and all files of the site into a folder; files that it has already are not copied."
    requires_system_checks: list[str] = []  # they import every page

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="made where it does not exist")
        parser.add_argument("--keep", type=_count, metavar="N", help="delete all but the latest N backups afterwards")

    def handle(self, *args: Any, folder: Path, keep: int | None, **options: Any) -> None:
        archive = Archive(folder.resolve())
        try:
            with archive.writing(), servers_of_site(must_exist=True):
                backup = make_backup(archive, report=self.stderr.write)
                deleted = archive.keep_latest(keep) if keep else []
        except (MicroDBError, OSError, OperationalError, RedisError) as error:
            raise CommandError(str(error)) from None
        for name in deleted:
            self.stderr.write(f"Deleted the backup {name}")
        manifest = backup.manifest
        self.stdout.write(f"{backup.folder}: {manifest.files} files, {manifest.bytes / 1e6:.1f} MB, and the database")
        if manifest.missing:
            raise CommandError(
                f"The backup is complete but for {len(manifest.missing)} files that the site itself has lost, such as "
                f"{manifest.missing[0]}: run `manage.py check_files`."
            )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is no number of backups: give 1 or more")
    return int(text)
