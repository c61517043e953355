"""Whether a process still runs, and whether it is still the same one: process numbers are reused."""

import psutil

CLOCK_TOLERANCE = 2.0  # seconds; a process's start time is computed from the boot time, which follows clock corrections


def is_same_process(pid: int, started: float) -> bool:
    """Whether `pid` is alive and is still the process that started at `started` (seconds since the epoch)."""
    try:
        process = psutil.Process(pid)
        return is_alive(process) and abs(process.create_time() - started) < CLOCK_TOLERANCE
    except psutil.NoSuchProcess:
        return False


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs. A zombie does not: it stays for ever where no first process reaps orphans."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
