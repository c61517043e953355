"""The connections of a web process: what arrives goes to the site as soon as there is enough of it."""

import time
from collections.abc import Callable
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from microdb.stack.arriving import ArrivingRequest

SILENCE = 30.0
"""Seconds without a byte after which the sender of an upload counts as gone."""


def without_bodies_for_head(app: Callable[..., Any]) -> Callable[..., Any]:
    """Django leaves it to the server to send no body with the answer to HEAD, and waitress leaves it to Django."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        body = app(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        if close := getattr(body, "close", None):
            close()
        return []

    return answer


class _Task(WSGITask):  # type: ignore[misc] # waitress has no types
    def write(self, data: bytes) -> None:
        if self.request.more_follows:
            if self.status.startswith("2"):
                return
            self.channel.drop_rest()
        super().write(data)
        if self.request.command == "HEAD":
            self.chunked_response = False  # nothing follows, not even an end


class Connection(HTTPChannel):  # type: ignore[misc] # waitress has no types
    """One client. While a part of its upload is stored, no more is read of the rest."""

    parser_class = ArrivingRequest
    task_class = _Task
    request: ArrivingRequest | None

    def received(self, data: bytes) -> bool:
        goes_on: bool = super().received(data)
        with self.requests_lock:
            if self.request is not None and self.request.is_long_enough:
                self._hand_over(self.request.cut())
        return goes_on

    def handle_read(self) -> None:
        try:
            data = self.socket.recv(self.adj.recv_bytes)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.last_activity = time.time()
            self.received(data)
        else:
            self.handle_close()

    def handle_close(self) -> None:
        """Where an upload breaks off, its last part is stored first."""
        if not self.end_upload():
            super().handle_close()

    def end_upload(self) -> bool:
        """Hand over what has arrived of an upload, as if it were all. False where none is arriving."""
        if not self.requests_lock.acquire(blocking=False):  # waitress may hold it where it closes
            return False
        try:
            request = self.request
            if request is None or not request.can_be_cut:
                return False
            request.end_here()
            self.request = None
            self._hand_over(request)
            return True
        finally:
            self.requests_lock.release()

    def end_silent_upload(self) -> None:
        if not self.requests and time.time() - self.last_activity > SILENCE:
            self.end_upload()

    def drop_rest(self) -> None:
        """After the answer that refuses a part: its client may be sending still, and would miss it if this closed."""
        with self.requests_lock:
            if self.request is not None:
                self.request.drop_rest()

    @property
    def is_busy(self) -> bool:
        return bool(self.requests or self.total_outbufs_len)

    def _hand_over(self, request: ArrivingRequest) -> None:
        self.requests.append(request)
        if len(self.requests) == 1:  # otherwise the thread at work goes on with it
            self.server.add_task(self)
