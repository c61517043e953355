"""``manage.py restore FOLDER``: put a backup in the place of an empty site."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from redis.exceptions import RedisError

from microdb.backups.archive import Archive
from microdb.backups.restoring import restore, verify
from microdb.backups.target import servers_of_site
from microdb.errors import MicroDBError


class Command(BaseCommand):
    help = "Verify a backup and restore it into an empty site."
    requires_system_checks: list[str] = []  # they import every page

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="the folder that was given to `backup`")
        parser.add_argument("--backup", metavar="NAME", help="which backup of the folder (default: the latest)")
        parser.add_argument("--verify-only", action="store_true", help="verify the backup and write nothing")
        parser.add_argument("--force", action="store_true", help="replace what the site holds")

    def handle(self, *args: Any, folder: Path, verify_only: bool, force: bool, **options: Any) -> None:
        archive = Archive(folder.resolve())
        try:
            names = archive.names()
            if not names:
                raise MicroDBError(f"{folder} holds no backup: give the folder that was given to `manage.py backup`.")
            backup = archive.read(options["backup"] or names[-1])
            if verify_only:
                verify(archive, backup, report=self.stderr.write)
                self.stdout.write(f"{backup.name} is whole.")
                return
            with servers_of_site(must_exist=False) as redis_url:
                restore(archive, backup, redis_url=redis_url, force=force, report=self.stderr.write)
        except (MicroDBError, OSError, OperationalError, RedisError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Restored {backup.name}: {backup.manifest.files} files and the database.")
