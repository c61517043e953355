"""End a process when its parent ends. Linux does it in the kernel; elsewhere a thread watches."""

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1  # linux/prctl.h
WATCH_INTERVAL = 0.5  # seconds
# Loaded here and not after a fork, where a lock held by another thread could block the loader.
_libc = ctypes.CDLL(None, use_errno=True)


def signal_on_parent_death(number: signal.Signals) -> bool:
    """Have the kernel send this signal to the calling process when its parent ends; survives an exec.

    Returns False where the system has no such call, as macOS: the next start then ends the leftovers.
    """
    if sys.platform != "linux":
        return False
    if _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return True


def end_with_parent() -> None:
    """Kill the calling Python process when its parent ends, on every system."""
    if not signal_on_parent_death(signal.SIGKILL):
        threading.Thread(target=_watch, args=(os.getppid(),), daemon=True, name="parent watch").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_INTERVAL)
    os.kill(os.getpid(), signal.SIGKILL)
