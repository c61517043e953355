"""What a running stack tells other processes of the same VAR, in `var/stack.json`. Imported by settings: no Django."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

CLOCK_TOLERANCE = 2.0  # seconds; a process's start time is computed from the boot time, which follows clock corrections


@dataclass(frozen=True)
class StackAddresses:
    """Where the servers of one VAR listen, and which process owns them.

    `started` is the owner's start time in seconds since the epoch; with `pid` it names one process for good.
    """

    database_url: str
    redis_url: str
    pid: int
    started: float


def stack_addresses(var: Path) -> StackAddresses | None:
    """The addresses that a running quickstart with this VAR wrote; None where there is none or it has ended."""
    try:
        found = StackAddresses(**json.loads(_file(var).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return found if is_same_process(found.pid, found.started) else None


def is_same_process(pid: int, started: float) -> bool:
    """Whether `pid` is alive and is still the process that started at `started` (seconds since the epoch)."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - started) < CLOCK_TOLERANCE
    except psutil.NoSuchProcess:
        return False


def write_addresses(var: Path, *, database_url: str, redis_url: str) -> StackAddresses:
    """Tell others of this VAR that the calling process runs these servers; the file holds passwords, so mode 600."""
    me = psutil.Process()
    addresses = StackAddresses(database_url, redis_url, me.pid, me.create_time())
    write_private(_file(var), json.dumps(asdict(addresses), indent=1))
    return addresses


def forget_addresses(var: Path) -> None:
    """Remove the file again, at the end of the stack."""
    _file(var).unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def _file(var: Path) -> Path:
    return var / "stack.json"
