"""The memory limit of a process that reads one foreign file."""

import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from typing import NoReturn

import psutil

CHECK_INTERVAL = 0.02  # seconds


def limit_memory(more: int, *, on_excess: Callable[[], object]) -> None:
    """Let the calling process use this many bytes more than now.

    Linux refuses the allocation that passes the limit, and Python raises MemoryError. macOS accepts the limit without
    effect, so there a thread calls `on_excess` once resident memory has passed it, and ends the process.
    """
    now = psutil.Process().memory_info()
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (now.vms + more, now.vms + more))
    else:
        threading.Thread(target=_watch, args=(now.rss + more, on_excess), daemon=True).start()


def _watch(limit: int, on_excess: Callable[[], object]) -> NoReturn:
    process = psutil.Process()
    while process.memory_info().rss <= limit:
        time.sleep(CHECK_INTERVAL)
    on_excess()
    os._exit(0)
