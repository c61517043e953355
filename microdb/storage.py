"""Files on this machine's disk that are whole or absent, also where the disk is full or the process is killed."""

import os
import uuid
from typing import Any

from django.core.files.storage import FileSystemStorage

PARTIAL = "partial"
"""The folder of files that are still being written."""


class WholeFileStorage(FileSystemStorage):
    """A file appears under its name only when all its bytes are on the disk.

    Two writers of one name get two files, as with Django's own storage. Whatever a killed process leaves is in
    ``partial``.
    """

    def _save(self, name: str, content: Any) -> str:
        partial = f"{PARTIAL}/{uuid.uuid4().hex}"
        try:
            super()._save(partial, content)  # type: ignore[misc] # not in the stubs
            self._flush(partial)
            return self._publish(partial, name)
        except BaseException:
            self.delete(partial)
            raise

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
