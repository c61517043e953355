"""Which preparing commands a start needs. One that finds nothing to do would still take seconds."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dj_database_url import parse
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import ConnectionHandler

from microdb.stack.private_files import write_private


class Preparation:
    """Compares the database and static files of one VAR with this code.

    The constructor reads every migration and static file, so make it while the servers start.
    """

    def __init__(self, var: Path) -> None:
        self._stamp = var / "prepared.json"
        self._migrations = set(MigrationLoader(None).disk_migrations)
        self._now = {"migrate": _digest(sorted(self._migrations)), "collectstatic": _digest(_static_files())}

    def steps(self) -> list[str]:
        """The management commands that must run first. One that was killed runs again, until `note` is called."""
        noted = self._noted()
        there = {
            "migrate": self._migrations <= set(MigrationRecorder(connection).applied_migrations()),
            "collectstatic": (Path(settings.STATIC_ROOT) / "staticfiles.json").exists(),
        }
        return [name for name, state in self._now.items() if noted.get(name) != state or not there[name]]

    def note(self) -> None:
        """Record that every step has been done."""
        write_private(self._stamp, json.dumps(self._now))

    def _noted(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._stamp.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return {}


def has_demo_user() -> bool:
    """Whether this migrated database holds the demo's user."""
    return get_user_model().objects.filter(username="demo").exists()


@contextmanager
def connected(database_url: str) -> Iterator[None]:
    """Connect Django to this database, which was not running yet when the settings were read."""
    before = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = ConnectionHandler({DEFAULT_DB_ALIAS: parse(database_url)})[DEFAULT_DB_ALIAS]
    try:
        yield
    finally:
        connection.close()
        connections[DEFAULT_DB_ALIAS] = before


def _static_files() -> list[object]:
    """The name, size and time of each file that collectstatic would copy, and the storage."""
    found = [(path, os.stat(storage.path(path))) for finder in get_finders() for path, storage in finder.list([])]
    return [settings.STORAGES["staticfiles"], *((path, state.st_size, state.st_mtime_ns) for path, state in found)]


def _digest(state: object) -> str:
    return hashlib.sha256(repr(state).encode()).hexdigest()
