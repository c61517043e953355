"""The folder that holds the backups of a site.

::

    objects/ab/ab12...          each stored file once, named by its SHA-256; backups share them
    backups/20261127T064500Z/
        manifest.json           of what the backup is, and the SHA-256 of the next two
        manifest.sha256
        database.dump           written by pg_dump
        files.jsonl             name, SHA-256 and size of every stored file

A backup is in ``backups`` only when it is complete. Whatever a killed run leaves is in ``partial``, and the next run
deletes it.
"""

import fcntl
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from microdb.errors import MicroDBError
from microdb.hashing import file_sha256

FORMAT = 1
MANIFEST, MANIFEST_SUM, DUMP, FILES = "manifest.json", "manifest.sha256", "database.dump", "files.jsonl"
CHUNK = 2**20


@dataclass(frozen=True)
class Entry:
    """A stored file. ``modified`` is the storage's time, by which the next backup sees that the file is the same."""

    name: str
    sha256: str
    bytes: int
    modified: str


@dataclass(frozen=True)
class Manifest:
    """``migrations``: those that the database had, as ``app.name``. ``missing``: files that the site had lost."""

    format: int
    made_at: str
    postgres: int
    migrations: list[str]
    files: int
    bytes: int
    missing: list[str]
    sha256: dict[str, str]


@dataclass(frozen=True)
class Backup:
    """A complete backup in an archive."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def dump(self) -> Path:
        return self.folder / DUMP

    def entries(self) -> Iterator[Entry]:
        with (self.folder / FILES).open() as lines:
            for line in lines:
                yield Entry(**json.loads(line))


class Archive:
    """Only its owner can read it: it holds password hashes and everybody's micrographs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects, self._backups, self._partial = root / "objects", root / "backups", root / "partial"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Reserve the archive for this process, and clear away what a killed one left."""
        for folder in (self.root, self._objects, self._backups):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.root / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise MicroDBError(
                    f"Another backup is being written to {self.root}: wait until it has ended."
                ) from None
            shutil.rmtree(self._partial, ignore_errors=True)
            self._partial.mkdir(mode=0o700)
            yield
            shutil.rmtree(self._partial)

    def names(self) -> list[str]:
        """Of the backups, the oldest first."""
        return sorted(path.name for path in self._backups.iterdir()) if self._backups.is_dir() else []

    def read(self, name: str) -> Backup:
        """A backup by its name. Raises MicroDBError where there is none or its manifest was altered."""
        folder = self._backups / name
        try:
            text = (folder / MANIFEST).read_bytes()
            expected = (folder / MANIFEST_SUM).read_text().split()[0]
        except (FileNotFoundError, IndexError):
            raise MicroDBError(f"{folder} holds no backup: give the folder that `manage.py backup` wrote.") from None
        if hashlib.sha256(text).hexdigest() != expected:
            raise MicroDBError(f"{folder / MANIFEST} was altered since the backup was made, so it is not restored.")
        fields = json.loads(text)
        if fields["format"] != FORMAT:
            raise MicroDBError(f"{folder} has format {fields['format']}; this release reads format {FORMAT}.")
        return Backup(folder, Manifest(**fields))

    def damages(self, backup: Backup) -> Iterator[str]:
        """A phrase about each part of a backup that is missing or was altered; reads all of it."""
        parts = {part: list(_damage(part, backup.folder / part, sha)) for part, sha in backup.manifest.sha256.items()}
        for found in parts.values():
            yield from found
        if not parts[FILES]:  # a damaged list can't be read
            names = {entry.sha256: entry.name for entry in backup.entries()}
            for sha256, name in names.items():
                yield from _damage(name, self.object_path(sha256), sha256)

    def draft(self) -> Path:
        """An empty folder for the parts of a new backup."""
        folder = self._partial / "backup"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def publish(self, entries: Iterable[Entry], *, missing: list[str], **fields: Any) -> Backup:
        """Complete the draft, which holds the dump, and give it its name."""
        folder, kept = self.draft(), sorted(entries, key=lambda entry: entry.name)
        with private(folder / FILES) as out:
            out.writelines(json.dumps(asdict(entry)).encode() + b"\n" for entry in kept)
        now = datetime.now(UTC)
        manifest = Manifest(
            format=FORMAT,
            made_at=now.isoformat(timespec="seconds"),
            files=len(kept),
            bytes=sum(entry.bytes for entry in kept),
            missing=missing,
            sha256={name: path_sha256(folder / name) for name in (DUMP, FILES)},
            **fields,
        )
        text = json.dumps(asdict(manifest), indent=1).encode()
        with private(folder / MANIFEST) as out:
            out.write(text)
        with private(folder / MANIFEST_SUM) as out:
            out.write(f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n".encode())
        final = self._backups / now.strftime("%Y%m%dT%H%M%S.%fZ")
        folder.rename(final)
        return Backup(final, manifest)

    def object_path(self, sha256: str) -> Path:
        return self._objects / sha256[:2] / sha256

    def add(self, file: IO[bytes]) -> tuple[str, int]:
        """Store a file's bytes where they are not stored yet; their SHA-256 and number."""
        draft, digest = self._partial / uuid.uuid4().hex, hashlib.sha256()
        with private(draft) as out:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                out.write(chunk)
        target, size = self.object_path(digest.hexdigest()), draft.stat().st_size
        target.parent.mkdir(mode=0o700, exist_ok=True)
        draft.replace(target)
        return digest.hexdigest(), size

    def keep_latest(self, count: int) -> list[str]:
        """Delete all but the latest backups, and the objects that only they needed; the names of those deleted."""
        old = self.names()[:-count]
        for name in old:
            (self._backups / name).rename(self._partial / name)
        needed = {entry.sha256 for name in self.names() for entry in self.read(name).entries()}
        for path in self._objects.glob("*/*"):
            if path.name not in needed:
                path.unlink()
        return old


@contextmanager
def private(path: Path) -> Iterator[IO[bytes]]:
    """A new file that only its owner can read; its bytes are on the disk when the block ends."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def _damage(name: str, path: Path, sha256: str) -> Iterator[str]:
    if not path.exists():
        yield f"{name} is missing ({path})"
    elif path_sha256(path) != sha256:
        yield f"{name} was altered ({path})"


def path_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_sha256(file)
