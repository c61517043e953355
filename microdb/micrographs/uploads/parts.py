"""The bytes of each upload, in a file under its id that one request at a time may write.

The folder may be shared by several machines: the lock on a file is the kernel's, so it ends with the process that holds
it, however that ends.
"""

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError

MODE = 0o644
"""Of a part, which becomes a master."""


class WholePart(File):  # type: ignore[type-arg] # generic in the stubs alone
    """A part of which every byte has arrived; a storage on the same disk links it instead of copying it."""

    def __init__(self, file: IO[bytes], name: str, sha256: str) -> None:
        super().__init__(file, name)
        self.known_sha256 = sha256
        self.link_path = str(file.name)


def create_part(key: UUID, *, length: int) -> None:
    """An empty part. Raises OSError ENOSPC where the disk has no space for ``length`` bytes."""
    os.makedirs(settings.UPLOADS, exist_ok=True)
    if shutil.disk_usage(settings.UPLOADS).free < length:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.close(os.open(part_path(key), os.O_CREAT | os.O_EXCL, MODE))


@contextmanager
def locked_part(key: UUID) -> Iterator[IO[bytes]]:
    """A part, for this request alone.

    Raises MicroDBError: code ``upload_locked`` where another request has it, ``upload_lost`` where there is none.
    """
    try:
        file = part_path(key).open("r+b")
    except FileNotFoundError as error:
        raise _lost() from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise MicroDBError(
                _("Another request is sending this upload. Ask for its offset again in a few seconds."),
                code="upload_locked",
            ) from error
        yield file


def safe(file: IO[bytes]) -> None:
    """Return when what was written is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def refuse_shorter(file: IO[bytes], received: int) -> None:
    """Raise MicroDBError where the disk has lost bytes that had arrived."""
    if os.fstat(file.fileno()).st_size < received:
        raise _lost()


def delete_part(key: UUID) -> None:
    part_path(key).unlink(missing_ok=True)


def delete_orphans(known: set[str], *, older_than: float) -> None:
    """Delete parts whose upload is not ``known`` and that nobody has written for so many seconds."""
    before = time.time() - older_than
    for entry in _entries():
        if entry.name not in known and entry.stat().st_mtime < before:
            Path(entry.path).unlink(missing_ok=True)


def part_path(key: UUID) -> Path:
    return Path(settings.UPLOADS, str(key))


def _entries() -> "list[os.DirEntry[Any]]":
    try:
        with os.scandir(settings.UPLOADS) as entries:
            return list(entries)
    except FileNotFoundError:
        return []


def _lost() -> MicroDBError:
    return MicroDBError(_("The server no longer has what arrived of this upload. Start it again."), code="upload_lost")
