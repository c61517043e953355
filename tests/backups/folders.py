"""Backing up in a test, and looking into the folder."""

from pathlib import Path

from microdb.backups.archive import Archive, Backup
from microdb.backups.making import make_backup


def back_up(archive: Archive, lines: list[str] | None = None) -> Backup:
    with archive.writing():
        return make_backup(archive, report=(lines if lines is not None else []).append)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def object_of(archive: Archive, backup: Backup, name: str) -> Path:
    return next(archive.object_path(entry.sha256) for entry in backup.entries() if entry.name == name)
