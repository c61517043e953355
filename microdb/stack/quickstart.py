"""Start the whole site, watch it, and stop it: what `manage.py quickstart` does."""

import math
import os
import secrets
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from microdb.stack import InUse, StackError
from microdb.stack.addresses import remove_addresses, write_addresses
from microdb.stack.preparation import Preparation, connected, has_demo_user
from microdb.stack.private_files import write_private
from microdb.stack.process.leftovers import end_leftover
from microdb.stack.process.ports import port_problem
from microdb.stack.process.service import Service
from microdb.stack.process.supervisor import StopAsked, Supervisor
from microdb.stack.servers.postgres import EmbeddedPostgres
from microdb.stack.servers.valkey import EmbeddedValkey
from microdb.stack.site import site_services
from microdb.stack.var_lock import lock_var

READY_LIMIT = 60.0  # seconds; after that a message says what is not ready
# What a person may ask to listen on, and where this machine then reaches it.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # nosec # compared, never bound
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
# Requests to the site itself must not go through a proxy that the environment names.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Quickstart:
    """One run of the whole site for one VAR.

    Args:
        base: the folder of manage.py.
        print_line: shows a line to the person.
    """

    base: Path
    var: Path
    host: str
    port: int
    demo: bool
    print_line: Callable[[str], None]

    def run(self) -> None:
        """Run the site until a signal asks to stop.

        Raises InUse where the VAR or the port is taken, StackError where a part cannot start. Nothing is left running.
        """
        with lock_var(self.var):
            for record in (self.var / "run").glob("*.json"):
                if end_leftover(record):
                    self._report(f"Ended {record.stem}, left over from a start that was killed")
            if problem := port_problem(self.host, self.port):
                raise InUse(f"{problem}: choose another one with PORT=... (make) or --port (quickstart).")
            supervisor = Supervisor(self._report)
            with supervisor.listening():
                try:
                    self._start(supervisor)
                    supervisor.watch(math.inf)
                except StopAsked:
                    self._report("Stopping; Ctrl-C once more hurries")
                finally:
                    remove_addresses(self.var)
                    supervisor.stop()
                    self._report("Stopped, the data is kept")

    def _start(self, supervisor: Supervisor) -> None:
        valkey, postgres = self._servers(supervisor)
        preparation = Preparation(self.var)  # reads files while the servers start
        for server in (valkey, postgres):
            if server:
                server.wait_ready()
        database_url = postgres.url if postgres else os.environ["DATABASE_URL"]
        redis_url = valkey.url if valkey else os.environ["REDIS_URL"]
        write_addresses(self.var, database_url=database_url, redis_url=redis_url)
        environment = self._environment(database_url, redis_url)
        with connected(database_url):
            self._run(supervisor, preparation, environment)
        self._wait_ready(supervisor)
        self._announce()

    def _run(self, supervisor: Supervisor, preparation: Preparation, environment: dict[str, str]) -> None:
        """Migrate and collect static files where needed, then start everything."""
        if steps := preparation.steps():
            self._report("Preparing the database and the pages")
            supervisor.run_to_end(*(self._step(name, "--noinput", environment=environment) for name in steps))
            preparation.note()
        self._report("Starting web, workers and beat")
        for service in site_services(
            base=self.base, var=self.var, host=self.host, port=self.port, environment=environment
        ):
            supervisor.keep(service)
        if self.demo and not has_demo_user():
            self._prepare_demo(supervisor, environment)

    def _servers(self, supervisor: Supervisor) -> tuple[EmbeddedValkey | None, EmbeddedPostgres | None]:
        """The embedded queue and database, started; None for one whose URL is in the environment."""
        valkey = None if os.environ.get("REDIS_URL") else EmbeddedValkey(self.var)
        postgres = None if os.environ.get("DATABASE_URL") else EmbeddedPostgres(self.var)
        own: list[EmbeddedValkey | EmbeddedPostgres] = [server for server in (valkey, postgres) if server]
        if own:
            self._report(f"Starting {' and '.join(server.name for server in own)}")
        for server in own:
            supervisor.keep(server)
        return valkey, postgres

    def _step(self, name: str, *options: str, environment: dict[str, str]) -> Service:
        """A management command."""
        # The system checks import every page, which costs seconds; the tests run them.
        command = [sys.executable, str(self.base / "manage.py"), name, "--skip-checks", *options]
        return Service(name, command, self.var, environment, folder=self.base)

    def _prepare_demo(self, supervisor: Supervisor, environment: dict[str, str]) -> None:
        """Make the demo's user and dataset while the other processes start. The site runs on where that fails."""
        self._report("Preparing the demo")
        try:
            supervisor.run_to_end(self._step("prepare_demo", environment=environment))
        except StackError as error:
            self._report(f"The demo is incomplete: {error}")

    def _environment(self, database_url: str, redis_url: str) -> dict[str, str]:
        named = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host]
        if not named and self.host not in LOCAL_HOSTS:
            named = [socket.gethostname() if self.host in EVERYWHERE else self.host]
        return {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": os.environ.get("SECRET_KEY") or self._secret_key(),
            "ALLOWED_HOSTS": ",".join(dict.fromkeys([*named, *LOCAL_HOSTS])),
            "MICRODB_DEMO": "1",
            "VAR": str(self.var),
            "PYTHONUNBUFFERED": "1",
        }

    def _secret_key(self) -> str:
        kept = self.var / "secret_key"
        if not kept.exists():
            write_private(kept, secrets.token_urlsafe(50))
        return kept.read_text().strip()

    def _wait_ready(self, supervisor: Supervisor) -> None:
        complain_at = time.monotonic() + READY_LIMIT
        answer = self._readiness()
        while answer is not None:
            if time.monotonic() > complain_at:
                self._report(f"Not ready after {READY_LIMIT:.0f} s, still trying: {answer} (logs: {self.var / 'log'})")
                complain_at = math.inf
            supervisor.watch(0.3)
            answer = self._readiness()

    def _readiness(self) -> str | None:
        """None when /readyz answers 200, else what it answers."""
        try:
            _direct.open(f"{self._address()}readyz", timeout=5).close()
        except urllib.error.HTTPError as error:
            return error.read(500).decode(errors="replace")
        except OSError as error:
            return str(error)
        return None

    def _address(self) -> str:
        host = EVERYWHERE.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    def _announce(self) -> None:
        self._report(f"MicroDB is ready: {self._address()}")
        password = self.var / "demo_password"
        if self.demo and password.exists():
            self.print_line(f"Sign in as demo with the password {password.read_text().strip()} (kept in {password})")
        self.print_line("Ctrl-C stops everything and keeps the data.")

    def _report(self, line: str) -> None:
        """Show a line with the time and write it to the log. The password is shown only."""
        stamped = f"{time.strftime('%H:%M:%S')} {line}"
        log = self.var / "log" / "quickstart.log"
        log.parent.mkdir(exist_ok=True)
        with log.open("a") as stream:
            stream.write(f"{time.strftime('%Y-%m-%d')} {stamped}\n")
        with suppress(OSError):  # the terminal may be closed
            self.print_line(stamped)
