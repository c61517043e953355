"""Making a backup of a running site, in which every file that a row names is there.

The database comes first. pg_dump and the list of files that rows name see the same snapshot; the files are copied after
it. A file that is added meanwhile is not in the backup, nor is its row. A file that was deleted meanwhile because its
row went makes the snapshot useless, so another one is taken: what was copied is not copied again.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from redis.exceptions import RedisError

from microdb.backups import postgres_tools
from microdb.backups.archive import DUMP, Archive, Backup, Entry
from microdb.errors import MicroDBError
from microdb.upkeep.stored_files import StoredFile, named_files

ATTEMPTS = 5
LAST_BACKUP = "last-backup"
"""In the cache, so that the metrics tell its age."""
STEP = 1000
"""Files between two reports."""


@dataclass
class _Copy:
    """The files of one backup, as far as they are copied."""

    archive: Archive
    earlier: dict[str, Entry]
    done: dict[str, Entry] = field(default_factory=dict)
    altered: list[str] = field(default_factory=list)

    def take(self, file: StoredFile) -> bool:
        """Copy a file where the archive lacks it; False where it is not in the storage."""
        if file.name not in self.done:
            try:
                self.done[file.name] = self._entry(file)
            except FileNotFoundError:
                return False
        return True

    def _entry(self, file: StoredFile) -> Entry:
        size, modified = default_storage.size(file.name), default_storage.get_modified_time(file.name).isoformat()
        known = self.earlier.get(file.name)
        same = known and (known.bytes, known.modified) == (size, modified) and self._has(known.sha256, size)
        if known and same and file.sha256 in ("", known.sha256):
            return known
        if file.sha256 and self._has(file.sha256, size):
            return Entry(file.name, file.sha256, size, modified)
        with default_storage.open(file.name) as opened:
            sha256, size = self.archive.add(opened)
        if file.sha256 not in ("", sha256):
            self.altered.append(file.name)
        return Entry(file.name, sha256, size, modified)

    def _has(self, sha256: str, size: int) -> bool:
        path = self.archive.object_path(sha256)
        return path.exists() and path.stat().st_size == size


def make_backup(archive: Archive, *, report: Callable[[str], object]) -> Backup:
    """Back up the database and all files that its rows name, into an archive that the caller reserved.

    Raises MicroDBError where the tools of Postgres do not fit, or where rows and files keep changing.
    """
    _refuse_inside_storage(archive.root)
    copy = _Copy(archive, _latest_entries(archive))
    for _attempt in range(ATTEMPTS):
        report("Dumping the database")
        migrations, files = _dump(archive.draft() / DUMP)
        report(f"Copying {len(files)} files")
        absent = list(_absent(copy, files, report))
        if all(file.is_still_named() for file in absent):
            break
        report("Files were deleted meanwhile, with their rows: taking another snapshot")
    else:
        raise MicroDBError(f"Files were deleted during each of {ATTEMPTS} attempts: try again when less is going on.")
    for name in copy.altered:
        report(f"{name} was altered in the storage since it was added; the backup holds what is there now.")
    backup = archive.publish(
        (copy.done[file.name] for file in files if file.name in copy.done),
        missing=sorted({file.name for file in absent}),
        postgres=postgres_tools.server_version(),
        migrations=migrations,
    )
    _note(backup)
    return backup


def _dump(path: Path) -> tuple[list[str], list[StoredFile]]:
    """Dump the database; its migrations and the files that its rows name, seen in the same snapshot."""
    path.unlink(missing_ok=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        postgres_tools.dump(path, snapshot=cursor.fetchone()[0])
        path.chmod(0o600)
        applied = MigrationRecorder(connection).applied_migrations()
        once = {file.name: file for file in named_files()}
    return sorted(f"{app}.{name}" for app, name in applied), list(once.values())


def _absent(copy: _Copy, files: list[StoredFile], report: Callable[[str], object]) -> Iterator[StoredFile]:
    """Copy the files; those that are not in the storage."""
    for number, file in enumerate(files, start=1):
        if not copy.take(file):
            yield file
        if number % STEP == 0:
            report(f"{number} of {len(files)} files")


def _latest_entries(archive: Archive) -> dict[str, Entry]:
    """Of the latest backup, by name: what has the same size and time now is not read again."""
    names = archive.names()
    return {entry.name: entry for entry in archive.read(names[-1]).entries()} if names else {}


def _refuse_inside_storage(root: Path) -> None:
    location = getattr(default_storage, "location", None)
    if location and root.resolve().is_relative_to(Path(location).resolve()):
        raise MicroDBError(f"{root} lies in the storage of the site itself: choose a folder outside {location}.")


def _note(backup: Backup) -> None:
    with suppress(RedisError):  # a backup does not need it
        cache.set(LAST_BACKUP, backup.manifest.made_at, timeout=None)
