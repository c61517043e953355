"""Restoring a backup: everything is verified before anything is written.

Files come first and the database last, in one transaction. Until then the site stays empty, and the same command goes
on where an interrupted one stopped: files that are there with the right bytes are not written again.
"""

from collections.abc import Callable

from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from redis import Redis

from microdb.accounts.models import User
from microdb.backups import postgres_tools
from microdb.backups.archive import Archive, Backup, Entry
from microdb.errors import MicroDBError
from microdb.hashing import file_sha256
from microdb.micrographs.models import Dataset
from microdb.storage import PARTIAL
from microdb.upkeep.repairing import set_aside
from microdb.upkeep.stored_files import files_in_storage

MOST_NAMED = 5
"""Damaged files that the message names."""
NO_DATA = (f"{PARTIAL}/", "readyz/")
"""Folders of the storage in which nothing is kept."""
STEP = 1000
"""Files between two reports."""

Report = Callable[[str], object]


def verify(archive: Archive, backup: Backup, *, report: Report) -> None:
    """Compare every file of the backup with its SHA-256. Raises MicroDBError that names what is damaged."""
    report(f"Verifying {backup.manifest.files} files and the database")
    found = list(archive.damages(backup))
    if found:
        more = f", and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        raise MicroDBError(f"The backup {backup.name} is damaged: {'; '.join(found[:MOST_NAMED])}{more}.")


def restore(archive: Archive, backup: Backup, *, redis_url: str, force: bool, report: Report) -> None:
    """Put a backup in the place of an empty site, or with ``force`` of any.

    The queue and the cache of the target are emptied. Jobs that waited or ran when the backup was made are sent again
    by the sweep, as after a crash.
    """
    queue = Redis.from_url(redis_url)
    queue.ping()
    verify(archive, backup, report=report)
    _refuse_newer(backup)
    _refuse_in_use()
    entries = {entry.name: entry for entry in backup.entries()}
    if not force:
        _refuse_filled(entries)
    report(f"Writing {len(entries)} files")
    for number, entry in enumerate(entries.values(), start=1):
        _write(archive, entry)
        if number % STEP == 0:
            report(f"{number} of {len(entries)} files")
    report("Restoring the database")
    postgres_tools.load(backup.dump)
    queue.flushdb()  # a cache and messages of other rows; Redis may lose everything at any time
    call_command("migrate", interactive=False, verbosity=0)


def _refuse_newer(backup: Backup) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := sorted(set(backup.manifest.migrations) - known):
        raise MicroDBError(
            f"The backup {backup.name} comes from another release: this one lacks the migration {unknown[0]}. "
            "Install the release that made it, or a newer one, and restore with that."
        )
    if backup.manifest.postgres > (version := postgres_tools.server_version()):
        raise MicroDBError(f"The backup comes from Postgres {backup.manifest.postgres}; this server is {version}.")


def _refuse_in_use() -> None:
    """Web processes and workers would go on with rows that are replaced."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        others = cursor.fetchone()[0]
    if others:
        raise MicroDBError(
            f"The site is in use ({others} connections to its database): stop web, workers and beat first."
        )


def _refuse_filled(entries: dict[str, Entry]) -> None:
    there = []
    if User._meta.db_table in connection.introspection.table_names():
        there += [f"{model.objects.count()} {model._meta.verbose_name_plural}" for model in (User, Dataset)]
    there = [phrase for phrase in there if not phrase.startswith("0 ")]
    others = sum(not _is_in(name, entries) for name in files_in_storage() if not name.startswith(NO_DATA))
    if others:
        there.append(f"{others} other files")
    if there:
        raise MicroDBError(
            f"The site is not empty: it has {', '.join(there)}. Restore into an empty one, or replace its database and "
            "set its files aside with --force."
        )


def _is_in(name: str, entries: dict[str, Entry]) -> bool:
    """Whether the backup has this stored file, which an interrupted restoration has written."""
    entry = entries.get(name)
    return entry is not None and _has_bytes(entry)


def _has_bytes(entry: Entry) -> bool:
    try:
        with default_storage.open(entry.name) as file:
            return bool(file.size == entry.bytes) and file_sha256(file) == entry.sha256
    except FileNotFoundError:
        return False


def _write(archive: Archive, entry: Entry) -> None:
    if _has_bytes(entry):
        return
    if default_storage.exists(entry.name):
        set_aside(entry.name)
    with archive.object_path(entry.sha256).open("rb") as source:
        written = default_storage.save(entry.name, File(source))
    if written != entry.name:
        default_storage.delete(written)
        raise MicroDBError(f"{entry.name} could not be written under its name: something else writes to the storage.")
