"""Servers and settings for one benchmark: a database that nothing else uses."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path


@contextmanager
def own_site(host: str = "testserver", *, keep: Path | None = None, **more: str) -> Iterator[Path]:
    """Start a Postgres and a queue and set the environment for Django, which must not be set up yet; yields VAR.

    ``host`` is the name under which requests come, ``more`` further variables. ``keep``: a folder for VAR that stays,
    with its database, for the next run.
    """
    from microdb.stack.servers.running import running_servers

    folder = nullcontext(str(keep.resolve())) if keep else tempfile.TemporaryDirectory(prefix="microdb-bench-")
    with folder as var, running_servers(Path(var)) as addresses:
        os.environ.update(
            VAR=var,
            DATABASE_URL=addresses.database_url,
            REDIS_URL=addresses.redis_url,
            SECRET_KEY=_secret_key(Path(var)),
            ALLOWED_HOSTS=host,
            DJANGO_SETTINGS_MODULE="microdb.settings",
            LOG_LEVEL="ERROR",
            **more,
        )
        yield Path(var)


def _secret_key(var: Path) -> str:
    """That of an earlier run in the same folder, whose sessions it signed."""
    stored = var / "secret_key"
    if not stored.exists():
        stored.write_text(secrets.token_urlsafe(64))
    return stored.read_text()
