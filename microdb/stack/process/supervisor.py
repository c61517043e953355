"""Keep services running: restart what dies, and stop everything in the right order."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from types import FrameType

from microdb.stack import StackError
from microdb.stack.process.service import Service, stop_together

BACK_OFF = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds before the first, second, ... restart in a row
SETTLED = 60.0  # seconds; a service that ran longer starts again at the shortest back-off
CHECK_INTERVAL = 0.1  # seconds
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(Exception):
    """A signal asked for the end during a wait."""


@dataclass
class _Kept:
    service: Service
    started: float
    failures: int = 0
    again_at: float | None = None


class Supervisor:
    """Watches services from one thread. `report` receives each line for the person and the log."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._kept: list[_Kept] = []
        self._stops_asked = 0

    @property
    def stop_asked(self) -> bool:
        return self._stops_asked > 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Stop on Ctrl-C, SIGTERM or a closed terminal (not under nohup); a second signal stops faster."""
        handled = [s for s in STOP_SIGNALS if s != signal.SIGHUP or signal.getsignal(s) != signal.SIG_IGN]
        before = {number: signal.signal(number, self._on_signal) for number in handled}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def keep(self, service: Service) -> None:
        """Start a service and keep it running until `stop`."""
        self._kept.append(_Kept(service, time.monotonic()))
        service.start()

    def restart_dead(self) -> None:
        """Restart each dead service once its back-off has passed."""
        for kept in self._kept:
            if kept.again_at is None:
                code = kept.service.exit_code()
                if code is not None:
                    self._plan_restart(kept, _in_words(code))
            elif time.monotonic() >= kept.again_at:
                self._restart(kept)

    def wait(self, done: Callable[[], bool]) -> None:
        """Watch until `done()`. Raises StopAsked if a signal comes first."""
        while not done():
            if self.stop_asked:
                raise StopAsked
            self.restart_dead()
            time.sleep(CHECK_INTERVAL)

    def watch(self, seconds: float) -> None:
        """Watch for that long. Raises StopAsked if a signal comes first."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end)

    def run_to_end(self, *services: Service) -> None:
        """Run commands together until all have ended. Raises StackError with the end of the log of one that fails."""
        for service in services:
            service.start()
        try:
            self.wait(lambda: all(service.exit_code() is not None for service in services))
        except StopAsked:
            stop_together(services, self._hurry)
            raise
        for service in services:
            if code := service.exit_code():
                raise StackError(f"{service.name} {_in_words(code)}. The end of {service.log}:\n{service.log_tail()}")

    def stop(self) -> None:
        """Stop everything, stage by stage. A second signal cuts the wait for clean ends short."""
        for _, stage in groupby(sorted(self._kept, key=_stage), key=_stage):
            services = [kept.service for kept in stage]
            running = [service.name for service in services if service.is_running()]
            if running:
                self._report(f"Stopping {', '.join(running)}")
            stop_together(services, self._hurry)
        self._kept.clear()

    def _plan_restart(self, kept: _Kept, what: str) -> None:
        lived = time.monotonic() - kept.started
        kept.failures = 1 if lived > SETTLED else kept.failures + 1
        delay = BACK_OFF[min(kept.failures, len(BACK_OFF)) - 1]
        kept.again_at = time.monotonic() + delay
        self._report(f"{kept.service.name} {what}; it starts again in {delay:.0f} s (log: {kept.service.log})")

    def _restart(self, kept: _Kept) -> None:
        kept.started, kept.again_at = time.monotonic(), None
        try:
            kept.service.start()
        except (StackError, OSError) as error:
            self._plan_restart(kept, f"could not start: {error}")
        else:
            self._report(f"{kept.service.name} runs again (process {kept.service.pid})")

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stops_asked += 1

    def _hurry(self) -> bool:
        return self._stops_asked > 1


def _stage(kept: _Kept) -> int:
    return kept.service.stage


def _in_words(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
