"""End the processes that a killed run left behind, and no others."""

import contextlib
import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from microdb.stack.process.identity import CLOCK_TOLERANCE, is_alive, is_same_process

RUN_MARK = "MICRODB_RUN"  # environment variable of every child; its descendants inherit it
LEFTOVER_LIMIT = 5.0  # seconds that a leftover has to end after the orphan signal, and again after SIGKILL


def end_leftover(record: Path) -> bool:
    """End the process of a record and its descendants; returns whether anything was ended.

    The process must have the recorded number, start time and command line; a descendant must carry the random mark of
    that run in its environment. Any other process only reuses the number and is left alone.
    """
    try:
        recorded = json.loads(record.read_text())
        pid, started, command = recorded["pid"], recorded["started"], recorded["command"]
        run, orphan_signal = recorded["run"], signal.Signals(recorded["orphan_signal"])
    except FileNotFoundError:
        return False
    except (ValueError, KeyError, TypeError):
        record.unlink()
        return False
    ours = {process for process in psutil.process_iter() if _carries_mark(process, run, started)}
    leader = _process(pid, started, command)
    if leader is not None:
        ours.add(leader)
        _send(leader, orphan_signal)
        wait_while(lambda: is_alive(leader), LEFTOVER_LIMIT)
    for process in filter(is_alive, ours):
        _send(process, signal.SIGKILL)
    wait_while(lambda: any(is_alive(process) for process in ours), LEFTOVER_LIMIT)
    record.unlink(missing_ok=True)
    return bool(ours)


def wait_while(condition: Callable[[], bool], limit: float) -> bool:
    """Wait until the condition ends; False where it still holds after `limit` seconds."""
    deadline = time.monotonic() + limit
    while condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _process(pid: int, started: float, command: list[str]) -> psutil.Process | None:
    """The process that a record names, if it still runs."""
    try:
        process = psutil.Process(pid)
        return process if is_same_process(pid, started) and process.cmdline() == command else None
    except psutil.Error:
        return None


def _carries_mark(process: psutil.Process, run: str, started: float) -> bool:
    try:
        return process.create_time() > started - CLOCK_TOLERANCE and process.environ().get(RUN_MARK) == run
    except psutil.Error:
        return False


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)  # psutil checks the start time again before it signals
