"""Keeps services running: starts again what dies, and stops all in the right order."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from types import FrameType

from microdb.stack import StackError
from microdb.stack.process.service import Service, stop_together

BACK_OFF = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds before the first, second, ... new start in a row
SETTLED = 60.0  # seconds of life after which an end counts as the first again
PAUSE = 0.1  # seconds between two looks
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(Exception):
    """Somebody asked for the end while something was being waited for."""


@dataclass
class _Kept:
    service: Service
    started: float
    failures: int = 0
    again_at: float | None = None


class Supervisor:
    """Watches services from one thread. `say` takes each line for the person and the log."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._kept: list[_Kept] = []
        self._stops_asked = 0

    @property
    def stop_asked(self) -> bool:
        return self._stops_asked > 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C, SIGTERM and a closed terminal (not under nohup) as the wish to stop; a second one hurries."""
        heard = [s for s in STOP_SIGNALS if s != signal.SIGHUP or signal.getsignal(s) != signal.SIG_IGN]
        before = {number: signal.signal(number, self._on_signal) for number in heard}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def keep(self, service: Service) -> None:
        """Start a service and keep it running until `stop`."""
        self._kept.append(_Kept(service, time.monotonic()))
        service.start()

    def look(self) -> None:
        """Start again what has died, each at its time."""
        for kept in self._kept:
            if kept.again_at is None:
                code = kept.service.exit_code()
                if code is not None:
                    self._plan_start(kept, _in_words(code))
            elif time.monotonic() >= kept.again_at:
                self._start_again(kept)

    def wait(self, done: Callable[[], bool]) -> None:
        """Watch until `done()`; raises StopAsked where somebody asks to stop before."""
        while not done():
            if self.stop_asked:
                raise StopAsked
            self.look()
            time.sleep(PAUSE)

    def watch(self, seconds: float) -> None:
        """Watch for a while; raises StopAsked where somebody asks to stop."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end)

    def run_to_end(self, *services: Service) -> None:
        """Run services that end by themselves, together; raises StackError with the log's end of one that fails."""
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
        """Stop everything, stage by stage; a stop asked for once more ends the waiting for clean ends."""
        for _, stage in groupby(sorted(self._kept, key=_stage), key=_stage):
            services = [kept.service for kept in stage]
            running = [service.name for service in services if service.is_running()]
            if running:
                self._say(f"Stopping {', '.join(running)}")
            stop_together(services, self._hurry)
        self._kept.clear()

    def _plan_start(self, kept: _Kept, what: str) -> None:
        lived = time.monotonic() - kept.started
        kept.failures = 1 if lived > SETTLED else kept.failures + 1
        delay = BACK_OFF[min(kept.failures, len(BACK_OFF)) - 1]
        kept.again_at = time.monotonic() + delay
        self._say(f"{kept.service.name} {what}; it starts again in {delay:.0f} s (log: {kept.service.log})")

    def _start_again(self, kept: _Kept) -> None:
        kept.started, kept.again_at = time.monotonic(), None
        try:
            kept.service.start()
        except (StackError, OSError) as error:
            self._plan_start(kept, f"could not start: {error}")
        else:
            self._say(f"{kept.service.name} runs again (process {kept.service.pid})")

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stops_asked += 1

    def _hurry(self) -> bool:
        return self._stops_asked > 1


def _stage(kept: _Kept) -> int:
    return kept.service.stage


def _in_words(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
