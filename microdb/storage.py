"""Files on this machine's disk that are whole or absent, also where the disk is full or the process is killed."""

import errno
import os
import uuid
from typing import Any

from django.core.files.storage import FileSystemStorage

PARTIAL = "partial"
"""The folder of files that are still being written."""

UNLINKABLE = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP)
"""Errors of a file system that has no links, or none to another disk."""


class WholeFileStorage(FileSystemStorage):
    """A file appears under its name only when all its bytes are on the disk.

    Two writers of one name get two files, as with Django's own storage. Whatever a killed process leaves is in
    ``partial``. A file with a ``link_path`` is on a disk already, whole and never written again: it is linked, and
    copied only where it is on another disk.
    """

    def _save(self, name: str, content: Any) -> str:
        partial = f"{PARTIAL}/{uuid.uuid4().hex}"
        try:
            if not self._linked(getattr(content, "link_path", ""), partial):
                super()._save(partial, content)  # type: ignore[misc] # not in the stubs
            self._flush(partial)
            return self._publish(partial, name)
        except BaseException:
            self.delete(partial)
            raise

    def _linked(self, source: str, name: str) -> bool:
        if not source:
            return False
        target = self.path(name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in UNLINKABLE:
                raise
            return False
        return True

    def _flush(self, name: str) -> None:
        descriptor = os.open(self.path(name), os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _publish(self, partial: str, name: str) -> str:
        while True:
            target = self.path(name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            try:
                os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o666))
            except FileExistsError:
                name = self.get_available_name(name)
                continue
            try:
                os.replace(self.path(partial), target)
            except BaseException:
                self.delete(name)
                raise
            return name
