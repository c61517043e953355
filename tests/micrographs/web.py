"""A real web server of a test, on the test's own database, that can be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
from django.conf import settings

from microdb.stack.process.ports import free_port
from tests.workers import database_url

CONFIG = "def post_fork(server, worker):\n    from microdb.micrographs.api import tus\n    tus.SILENCE = 3.0\n"
"""A sender counts as gone after three seconds of silence."""


class Web:
    """gunicorn as the site runs it, with its files under ``var``."""

    def __init__(self, var: Path, *, workers: int = 2) -> None:
        self.var, self.port, self.workers = var, free_port(), workers
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        (var / "gunicorn.py").write_text(CONFIG)

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "microdb.wsgi", "--preload", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--worker-class", "gthread", "--workers", str(self.workers), "--threads", "4"]
        command += ["--no-control-socket", "--config", str(self.var / "gunicorn.py")]
        given = {**os.environ, "VAR": str(self.var), "DATABASE_URL": database_url()}
        with (self.var / "web.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=given, stdout=log, stderr=log, start_new_session=True
            )
        end = time.monotonic() + 90
        while not self._is_up():
            assert time.monotonic() < end, (self.var / "web.log").read_text()[-3000:]
            time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL to all its processes at once."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def _is_up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False
