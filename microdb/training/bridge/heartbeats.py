"""From the classifier's progress to the heartbeats of a job."""

import time
from collections.abc import Callable

from classifier import Progress

Heartbeat = Callable[[float, str], bool]
"""Takes progress (0 to 1) and a message; False means stop."""

SECONDS_BETWEEN_HEARTBEATS = 0.5


class Pulse:
    """Turns the classifier's many progress calls into a few heartbeats, and remembers an order to stop."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self._heartbeat, self._alive, self._last = heartbeat, True, -SECONDS_BETWEEN_HEARTBEATS

    def beat(self, fraction: float, message: str) -> bool:
        """Whether to go on; calls the heartbeat at most twice a second."""
        now = time.monotonic()
        if self._alive and now - self._last >= SECONDS_BETWEEN_HEARTBEATS:
            self._last = now
            self._alive = self._heartbeat(fraction, message)
        return self._alive

    def training(self, progress: Progress) -> bool:
        loss = "" if progress.loss is None else f", loss {progress.loss:.3f}"
        return self.beat(progress.fraction, f"{progress.stage}: {progress.message}{loss}")

    def scoring(self, progress: Progress) -> bool:
        return self.beat(progress.fraction, progress.message)
