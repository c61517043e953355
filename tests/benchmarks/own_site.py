"""Servers and settings for one benchmark: an empty database that nothing else uses."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def own_site(host: str = "testserver", **more: str) -> Iterator[Path]:
    """Start a Postgres and a queue and set the environment for Django, which must not be set up yet; yields VAR.

    ``host`` is the name under which requests come, ``more`` further variables.
    """
    from microdb.stack.servers.running import running_servers

    with tempfile.TemporaryDirectory(prefix="microdb-bench-") as var, running_servers(Path(var)) as addresses:
        os.environ.update(
            VAR=var,
            DATABASE_URL=addresses.database_url,
            REDIS_URL=addresses.redis_url,
            SECRET_KEY=secrets.token_urlsafe(64),
            ALLOWED_HOSTS=host,
            DJANGO_SETTINGS_MODULE="microdb.settings",
            LOG_LEVEL="ERROR",
            **more,
        )
        yield Path(var)
