"""The addresses of a running stack, which other processes of the same VAR read from `var/stack.json`.

Settings import this module, so it does not import Django.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from microdb.stack.private_files import write_private
from microdb.stack.process.identity import is_same_process


@dataclass(frozen=True)
class StackAddresses:
    """Where the servers of one VAR listen, and which process owns them.

    `started` is the owner's start time in seconds since the epoch. Together with `pid` it identifies one process:
    the number alone may be reused.
    """

    database_url: str
    redis_url: str
    pid: int
    started: float


def stack_addresses(var: Path) -> StackAddresses | None:
    """The addresses that a running quickstart with this VAR wrote; None where there is none or it has ended."""
    try:
        addresses = StackAddresses(**json.loads(_file(var).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return addresses if is_same_process(addresses.pid, addresses.started) else None


def write_addresses(var: Path, *, database_url: str, redis_url: str) -> StackAddresses:
    """Publish the servers of the calling process to other processes of this VAR."""
    me = psutil.Process()
    addresses = StackAddresses(database_url, redis_url, me.pid, me.create_time())
    write_private(_file(var), json.dumps(asdict(addresses), indent=1))
    return addresses


def remove_addresses(var: Path) -> None:
    """Remove the file when the stack ends."""
    _file(var).unlink(missing_ok=True)


def _file(var: Path) -> Path:
    return var / "stack.json"
