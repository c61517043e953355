"""Whether the collected static files are up to date: collecting them takes seconds at every start otherwise."""

import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders


class StaticFiles:
    """The state of the files to collect, against the state that was collected last."""

    def __init__(self, var: Path) -> None:
        self._stamp = var / "static.sha256"
        self._now = _fingerprint()

    def are_collected(self) -> bool:
        manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
        return manifest.exists() and self._stamp.exists() and self._stamp.read_text() == self._now

    def note_collected(self) -> None:
        self._stamp.write_text(self._now)


def _fingerprint() -> str:
    """Changes with the name, size or time of any file that collectstatic would take, and with the storage."""
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            state = os.stat(storage.path(path))
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
