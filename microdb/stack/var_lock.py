"""The lock that lets only one stack use a VAR."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from microdb.stack import InUse, StackError


@contextmanager
def lock_var(var: Path) -> Iterator[None]:
    """Reserve VAR for this process. The system releases the lock when the process ends, however it ends.

    Raises InUse where another process holds it, StackError where VAR cannot be written.
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
