"""What a reader may take, and which errors are answers."""

import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from microdb.errors import MicroDBError

MOST_SECONDS = 3.0
"""Of processor time for one input; readers take milliseconds."""
MOST_BYTES = 2**29
"""By which the peak memory of the process may grow during one input."""


class TooSlowError(BaseException):
    """Not an Exception, so that no reader takes it for damage in its input."""


@contextmanager
def bounded(seconds: float = MOST_SECONDS) -> Iterator[None]:
    """Fail where the body takes more processor time or memory than a reader may."""

    def stop(*_: object) -> None:
        raise TooSlowError(f"more than {seconds} s of processor time")

    before, peak = signal.signal(signal.SIGVTALRM, stop), peak_memory()
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    assert peak_memory() - peak < MOST_BYTES, "the reader took too much memory"


def peak_memory() -> int:
    """Bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def answer(read: Callable[..., Any], *given: Any, refusal: type[Exception] = MicroDBError, **options: Any) -> Any:
    """What the reader returns; None where it refuses. Every other error, and excess, goes on to the test."""
    with bounded():
        try:
            return read(*given, **options)
        except refusal:
            return None
