"""From the classifier's progress to the heartbeats of a job."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from classifier import Progress

Show = Callable[[dict[str, Any]], None]
"""Stores what is known so far of a training."""
Heartbeat = Callable[[float, str], bool]
"""Takes progress (0 to 1) and a message; False means stop."""

SECONDS_BETWEEN_HEARTBEATS = 0.5
SECONDS_BETWEEN_SHOWS = 2.0
MOST_LOSSES = 200
"""Kept of a training; from then on every second one goes."""


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

    def scoring(self, progress: Progress) -> bool:
        return self.beat(progress.fraction, progress.message)

    def staged(self, progress: Progress) -> bool:
        return self.beat(progress.fraction, f"{progress.stage}: {progress.message}")


class TrainingPulse(Pulse):
    """Also shows what is known so far: ``losses`` as pairs of progress and loss, and the classifier's facts.

    ``known``: what an earlier worker showed of the same training.
    """

    def __init__(self, heartbeat: Heartbeat, show: Show, known: Mapping[str, Any]) -> None:
        super().__init__(heartbeat)
        self._show, self._known, self._shown = show, dict(known), -SECONDS_BETWEEN_SHOWS
        self._has_news = False

    def training(self, progress: Progress) -> bool:
        self._note(progress)
        loss = "" if progress.loss is None else f", loss {progress.loss:.3f}"
        alive = self.beat(progress.fraction, f"{progress.stage}: {progress.message}{loss}")
        now = time.monotonic()
        if alive and self._has_news and now - self._shown >= SECONDS_BETWEEN_SHOWS:
            self._shown, self._has_news = now, False
            self._show(self._known)
        return alive

    def _note(self, progress: Progress) -> None:
        if progress.loss is not None:
            losses = [*self._known.get("losses", ()), [round(progress.fraction, 4), round(progress.loss, 4)]]
            self._known["losses"] = losses if len(losses) <= MOST_LOSSES else losses[::2]
        if progress.facts:
            self._known |= progress.facts
        self._has_news = self._has_news or progress.loss is not None or bool(progress.facts)
