"""A pytest plugin: the run's own Postgres and Valkey, up before Django reads its settings."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from microdb.stack.servers.running import running_servers

_servers = ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    var = Path(tempfile.mkdtemp(prefix="microdb-test-"))
    _servers.callback(shutil.rmtree, var, ignore_errors=True)
    addresses = _servers.enter_context(running_servers(var))
    os.environ.update(
        VAR=str(var),
        DATABASE_URL=addresses.database_url,
        REDIS_URL=addresses.redis_url,
        SECRET_KEY="only for this test run",
        ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    )
    yield


def pytest_unconfigure() -> None:
    _servers.close()
