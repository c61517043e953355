"""Postgres and Valkey of one VAR together."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from microdb.stack.addresses import StackAddresses, remove_addresses, write_addresses
from microdb.stack.servers.postgres import EmbeddedPostgres
from microdb.stack.servers.valkey import EmbeddedValkey
from microdb.stack.var_lock import lock_var


@contextmanager
def running_servers(var: Path, *, durable: bool = True) -> Iterator[StackAddresses]:
    """Run a Postgres and a Valkey with their data under `var`, and stop them at the end. The tests run on them.

    While it is open, other processes with this VAR find the servers through `var/stack.json`.
    Call it from the main thread: on Linux the servers end with the thread that started them.
    """
    postgres, valkey = EmbeddedPostgres(var, durable=durable), EmbeddedValkey(var)
    with lock_var(var):
        try:
            for server in (valkey, postgres):
                server.start()
            for server in (valkey, postgres):
                server.wait_ready()
            yield write_addresses(var, database_url=postgres.url, redis_url=valkey.url)
        finally:
            remove_addresses(var)
            valkey.stop()
            postgres.stop()
