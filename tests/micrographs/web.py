"""A real web server of a test, on the test's own database, that can be killed and started again."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
from django.conf import settings

from microdb.stack.process.ports import free_port
from microdb.stack.site import site_services
from tests.workers import database_url

CONFIG = "from microdb.stack import connections\nconnections.SILENCE = 3.0\n"
"""A sender counts as gone after three seconds of silence."""


class Web:
    """gunicorn as the site runs it, with its files under ``var``."""

    def __init__(self, var: Path) -> None:
        self.var, self.port = var, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        (var / "gunicorn.py").write_text(CONFIG)

    def start(self) -> None:
        site = site_services(base=settings.BASE_DIR, var=self.var, host="127.0.0.1", port=self.port, environment={})
        command = [*site[0].command, "--config", str(self.var / "gunicorn.py")]
        given = {"VAR": str(self.var), "STATIC_ROOT": str(settings.STATIC_ROOT), "DATABASE_URL": database_url()}
        with (self.var / "web.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=os.environ | given, stdout=log, stderr=log, start_new_session=True
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

    def stop(self) -> None:
        """As its supervisor does."""
        if self._process:
            self._process.terminate()
            self._process.wait(20)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def _is_up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False
