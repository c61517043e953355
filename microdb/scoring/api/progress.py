"""How far a batch is, asked for again and again: with an ETag, and waiting for news if the client prefers that."""

import hashlib
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from rest_framework.request import Request

LONGEST_WAIT = 25
"""Seconds; below what proxies and clients usually allow an answer to take."""
WAITING_AT_ONCE = 2
"""Requests of one web process that may wait; its other threads answer. More get their answer at once."""
STEP = 1.0
"""Seconds between two looks at the batch, at least."""

_PREFERENCE = re.compile(r'(?:^|[,;])\s*wait\s*=\s*"?(\d{1,6})"?\s*(?=$|[,;])', re.IGNORECASE)
_waiting = threading.BoundedSemaphore(WAITING_AT_ONCE)


def progress_tag(batch: Any) -> str:
    """The ETag of a batch with its counts; the rate and the time left, which always change, are not part of it."""
    parts = (batch.total, batch.done, batch.waiting, batch.started_at, batch.cancelled_at)
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:20]}"'


def preferred_wait(request: Request) -> int:
    """The seconds of ``Prefer: wait=``, at most LONGEST_WAIT; 0 without it."""
    found = _PREFERENCE.search(request.headers.get("Prefer", ""))
    return min(int(found[1]), LONGEST_WAIT) if found else 0


def wait_for_news(read: Callable[[], Any], is_news: Callable[[Any], bool], seconds: int) -> tuple[Any, bool]:
    """The batch when there is news of it or the seconds are over, and whether the request was allowed to wait."""
    end, batch = time.monotonic() + seconds, read()
    if not seconds or is_news(batch) or not _waiting.acquire(blocking=False):
        return batch, is_news(batch)
    try:
        while not is_news(batch) and (left := end - time.monotonic()) > 0:
            time.sleep(min(STEP, left))
            batch = read()
    finally:
        _waiting.release()
    return batch, True
