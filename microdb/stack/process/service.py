"""One supervised process: start it, notice its end, stop it, and record what identifies it after a crash."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from microdb.stack import StackError
from microdb.stack.private_files import write_private
from microdb.stack.process.identity import is_alive
from microdb.stack.process.leftovers import RUN_MARK, end_leftover
from microdb.stack.process.privileges import Account, before_exec

LOG_LIMIT = 5_000_000  # bytes; a longer log is moved to NAME.log.1 at the next start
HURRY_LIMIT = 3.0  # seconds between the quick signal and SIGKILL


@dataclass
class Service:
    """A command run in a session of its own, with its log in `var/log` and its identity in `var/run`.

    Args:
        stop_signal: asks for a slow, clean end.
        stop_limit: seconds until `quick_signal`; HURRY_LIMIT later SIGKILL ends the whole session.
        quick_signal: asks for a quick end; SIGQUIT does for Postgres, Celery and gunicorn.
        orphan_signal: sent by the kernel when the supervisor is killed (Linux).
        stage: lower stages stop first.
        folder: the working directory; by default the caller's.
        account: the user that runs it; by default the caller.
    """

    name: str
    command: Sequence[str]
    var: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    quick_signal: signal.Signals = signal.SIGQUIT
    orphan_signal: signal.Signals = signal.SIGKILL
    stop_limit: float = 10.0
    stage: int = 0
    niceness: int = 0
    folder: Path | None = None
    account: Account | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def log(self) -> Path:
        return self.var / "log" / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process and return at once. A proven leftover of an earlier run is ended first."""
        end_leftover(self.record)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        run = os.urandom(16).hex()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment, RUN_MARK: run},
                start_new_session=True,
                preexec_fn=before_exec(orphan_signal=self.orphan_signal, account=self.account, niceness=self.niceness),
            )
        started = psutil.Process(self._process.pid).create_time()
        record = {
            "pid": self._process.pid,
            "started": started,
            "command": list(self.command),
            "run": run,
            "orphan_signal": int(self.orphan_signal),
        }
        self.record.parent.mkdir(exist_ok=True)
        write_private(self.record, json.dumps(record))

    def exit_code(self) -> int | None:
        """None while the process runs, else its exit code. Ends what a dead process left in its session."""
        if self._process is None or self._process.returncode is not None:
            return None if self._process is None else self._process.returncode
        # Not reaped yet: as long as the dead process is a zombie, its number cannot name another session.
        if is_alive(psutil.Process(self._process.pid)):
            return None
        self._signal_session(signal.SIGKILL)
        code = self._process.wait()
        self.record.unlink(missing_ok=True)
        return code

    def is_running(self) -> bool:
        return self._process is not None and self.exit_code() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process itself, if it still runs."""
        if self._process is not None and self.is_running():
            self._process.send_signal(number)

    def stop(self) -> None:
        """Stop the process: first with a clean end, then a quick one, then by force."""
        stop_together([self], hurry=lambda: False)

    def kill_session(self) -> None:
        """Kill the process and all that it started."""
        if self._process is not None and self.is_running():
            self._signal_session(signal.SIGKILL)
            self._process.wait()
            self.record.unlink(missing_ok=True)

    def log_tail(self, lines: int = 15) -> str:
        """The last lines of the log, for a message about a failure."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def wait_until(self, ready: Callable[[], bool], limit: float) -> None:
        """Wait until `ready()`. Raises StackError with the end of the log if the process dies or the limit passes."""
        deadline = time.monotonic() + limit
        while not ready():
            code = self.exit_code()
            if code is not None or time.monotonic() > deadline:
                what = f"ended with exit code {code}" if code is not None else f"is not ready after {limit:.0f} s"
                raise StackError(f"{self.name} {what}. The end of its log, {self.log}:\n{self.log_tail()}")
            time.sleep(0.02)

    @property
    def record(self) -> Path:
        return self.var / "run" / f"{self.name}.json"

    def _signal_session(self, number: signal.Signals) -> None:
        assert self._process is not None
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
            return


def stop_together(services: Sequence[Service], hurry: Callable[[], bool]) -> None:
    """Stop services at the same time. Once `hurry()` is true, a clean end is no longer waited for."""
    for service in services:
        service.send(service.stop_signal)
    deadline = {service.name: time.monotonic() + service.stop_limit for service in services}
    _wait_for_end(services, lambda service: hurry() or time.monotonic() > deadline[service.name])
    for service in services:
        service.send(service.quick_signal)
    last = time.monotonic() + HURRY_LIMIT
    _wait_for_end(services, lambda service: time.monotonic() > last)
    for service in services:
        service.kill_session()


def _wait_for_end(services: Sequence[Service], give_up: Callable[[Service], bool]) -> None:
    while any(s.is_running() and not give_up(s) for s in services):
        time.sleep(0.05)
