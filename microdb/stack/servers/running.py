"""The two servers of one VAR together, and the lock that lets only one stack use a VAR."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from microdb.stack import InUse, StackError
from microdb.stack.addresses import StackAddresses, forget_addresses, write_addresses
from microdb.stack.servers.postgres import EmbeddedPostgres
from microdb.stack.servers.valkey import EmbeddedValkey


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Hold VAR for this process. A dead holder holds nothing.

    Raises InUse where another process holds it, StackError where it cannot be written.
    """
    try:
        var.mkdir(parents=True, exist_ok=True)
        lock = (var / "stack.lock").open("a+")
    except OSError as error:
        reason = f"{error.strerror}: {error.filename}"
        raise StackError(f"VAR={var} must be a folder that you can write ({reason}): choose one with VAR=...") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise InUse(
                f"MicroDB already runs with VAR={var} (process {holder}): use that one, stop it with Ctrl-C, "
                "or start a second one with another VAR=... and PORT=..."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def running_servers(var: Path, *, durable: bool = True) -> Iterator[StackAddresses]:
    """A Postgres and a Valkey of our own with their data under `var`, stopped at the end; what tests run on.

    While it is open, other processes with this VAR find the servers through `var/stack.json`.
    Call it from the main thread, for the servers die with the thread that started them.
    """
    postgres, valkey = EmbeddedPostgres(var, durable=durable), EmbeddedValkey(var)
    with only_one(var):
        try:
            for server in (valkey, postgres):
                server.start()
            for server in (valkey, postgres):
                server.wait_ready()
            yield write_addresses(var, database_url=postgres.url, redis_url=valkey.url)
        finally:
            forget_addresses(var)
            valkey.stop()
            postgres.stop()
