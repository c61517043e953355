"""A pytest plugin: starts the run's own Postgres and Valkey before Django reads its settings.

pytest loads it between pytest-django and pytest-cov (see `addopts`): of hooks that want to be first, the one registered
last is called first, so coverage is measured from the first import and Django waits for the servers.
"""

import os
import secrets
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

_servers = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    from microdb.stack.servers.running import running_servers

    var = Path(tempfile.mkdtemp(prefix="microdb-test-"))
    _servers.callback(shutil.rmtree, var, ignore_errors=True)
    addresses = _servers.enter_context(running_servers(var))
    os.environ.update(
        VAR=str(var),
        DATABASE_URL=addresses.database_url,
        REDIS_URL=addresses.redis_url,
        SECRET_KEY=secrets.token_urlsafe(64),
        ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    )


def pytest_unconfigure() -> None:
    _servers.close()
